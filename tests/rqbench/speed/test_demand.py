"""Mirrors rqbench/speed/demand.py."""

import pytest
import torch

from rqbench.choice import Filter, choose_by_uniform
from rqbench.speed.demand import chance_to_differ, judge

HALVES = torch.zeros(1, 2)  # two symbols of probability 1/2
ALL = torch.ones(1, 2, dtype=torch.bool)


def told(u: float, symbol: int, tolerance: float = 0.04) -> tuple[bool, bool]:
    found = judge(
        HALVES, ALL, torch.tensor([u], dtype=torch.float64), Filter(), torch.tensor([symbol]),
        tolerance,
    )  # fmt: skip
    return bool(found.differing), bool(found.unexplained)


def test_below_one_half_the_first_symbol_is_demanded():
    assert told(0.3, 0) == (False, False)
    assert told(0.3, 1) == (True, True)
    assert told(0.7, 1) == (False, False)
    assert told(0.7, 0) == (True, True)


def test_half_the_tolerance_beyond_an_edge_another_symbol_is_explained():
    assert told(0.519, 0) == (True, False)
    assert told(0.521, 0) == (True, True)
    assert told(0.481, 1) == (True, False)
    assert told(0.479, 1) == (True, True)


@pytest.mark.parametrize(
    "narrowing",
    [
        Filter(),
        Filter(temperature=0.7),
        Filter(top_k=5),
        Filter(top_p=0.8),
        Filter(1.3, 9, 0.7),
        Filter(1.0, 9, 0.7, "exceed"),
        Filter(1.0, None, 0.7, "exceed"),
    ],
)
def test_exact_logits_demand_what_the_harness_chooses(narrowing):
    logits, u = torch.randn(400, 20), torch.rand(400, dtype=torch.float64)
    legal = torch.rand(400, 20) < 0.8
    legal[:, 0] = True
    drawn = choose_by_uniform(logits, legal, u, narrowing)
    found = judge(logits, legal, u, narrowing, drawn, 1e-6)
    assert not found.unexplained.any()
    assert float(found.differing.float().mean()) < 0.01  # single precision before, double here
    score = found.surprise.sum() / found.variance.sum().sqrt()
    assert abs(score) < 4
    other = judge(logits, legal, (u + 0.37) % 1, narrowing, drawn, 1e-6)
    assert float(other.unexplained.float().mean()) > 0.4


def test_a_symbol_that_no_filter_keeps_is_never_explained_by_a_near_edge():
    logits = torch.tensor([[5.0, 4.0, -9.0]])
    legal, u = torch.ones(1, 3, dtype=torch.bool), torch.tensor([0.999999], dtype=torch.float64)
    found = judge(logits, legal, u, Filter(top_k=2), torch.tensor([2]), 0.1)
    assert found.unexplained.tolist() == [True]


def test_a_symbol_at_the_edge_of_top_k_may_be_kept_or_dropped():
    logits = torch.tensor([[1.0, 0.99, 0.98]])
    legal, u = torch.ones(1, 3, dtype=torch.bool), torch.tensor([0.9], dtype=torch.float64)
    near = judge(logits, legal, u, Filter(top_k=2), torch.tensor([2]), 0.1)
    assert (bool(near.differing), bool(near.unexplained)) == (True, False)
    far = judge(logits, legal, u, Filter(top_k=2), torch.tensor([2]), 0.001)
    assert bool(far.unexplained)


def test_surprise_is_zero_on_average_and_its_variance_that_of_the_nats():
    """Probabilities 1/4 and 3/4: nats 1.386 and 0.288, mean 0.5623."""
    logits = torch.tensor([[0.25, 0.75]]).log().expand(2, -1)
    u = torch.tensor([0.1, 0.9], dtype=torch.float64)
    found = judge(logits, ALL.expand(2, -1), u, Filter(), torch.tensor([0, 1]), 1e-3)
    assert found.surprise.tolist() == pytest.approx(
        [1.38629 - 0.56233, 0.28768 - 0.56233], abs=1e-4
    )
    spread = 0.25 * 0.82396**2 + 0.75 * 0.27465**2
    assert found.variance.tolist() == pytest.approx([spread, spread], abs=1e-4)


def differ(one: list[float], other: list[float], narrowing: Filter | None = None) -> float:
    """Of two rows of probabilities."""
    rows = [torch.tensor([row]).log() for row in (one, other)]
    legal = torch.ones(1, len(one), dtype=torch.bool)
    return chance_to_differ(*rows, legal, narrowing or Filter()).item()


def test_two_rows_demand_different_symbols_between_their_edges():
    assert differ([0.5, 0.5], [0.5, 0.5]) == pytest.approx(0, abs=1e-7)
    assert differ([0.5, 0.5], [0.25, 0.75]) == pytest.approx(0.25)
    assert differ([0.2, 0.3, 0.5], [0.3, 0.3, 0.4]) == pytest.approx(0.2)  # 0.2 to 0.3, 0.5 to 0.6
    assert differ([0.4, 0.6], [0.6, 0.4], Filter(top_k=1)) == pytest.approx(1)
    assert differ([0.4, 0.3, 0.3], [0.4, 0.4, 0.2], Filter(top_p=0.4)) == pytest.approx(0)


@pytest.mark.parametrize(
    "narrowing", [Filter(), Filter(0.7, 8), Filter(1.3, None, 0.8), Filter(1.0, 12, 0.7, "exceed")]
)
def test_so_often_do_choices_by_the_same_numbers_differ(narrowing):
    logits = torch.randn(1, 20)
    others = logits + 0.3 * torch.randn(1, 20)
    legal = torch.rand(1, 20) < 0.8
    legal[:, 0] = True
    u = torch.arange(20000, dtype=torch.float64) / 20000
    drawn = [
        choose_by_uniform(row.expand(20000, -1), legal.expand(20000, -1), u, narrowing)
        for row in (logits, others)
    ]
    share = float((drawn[0] != drawn[1]).double().mean())
    assert share > 0.05
    found = chance_to_differ(logits, others, legal, narrowing).item()
    assert found == pytest.approx(share, abs=20 / 20000)
