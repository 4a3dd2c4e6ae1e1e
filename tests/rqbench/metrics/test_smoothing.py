"""Mirrors rqbench/metrics/smoothing.py."""

import math

import pytest
import torch

from rqbench.metrics.smoothing import LARGEST, best_amount, leave_one_out, smoothed_bits

STEP = 1.15  # amounts are tried at steps of at most this factor


def counts(*numbers: int) -> torch.Tensor:
    return torch.tensor(numbers)


def test_each_symbol_that_came_is_priced_by_the_others():
    # left out, each 0 sees one other 0 among two, and the 1 sees no other 1
    found = leave_one_out(counts(2, 1, 0), torch.tensor([1.0, 3.0], dtype=torch.float64))
    one = 2 * math.log(2 / 5) + math.log(1 / 5)
    three = 2 * math.log(4 / 11) + math.log(3 / 11)
    assert found.tolist() == pytest.approx([one, three], rel=1e-12)


def test_two_symbols_by_hand():
    # 9 / (8 + a) + 1 / a = 20 / (9 + 2a), so that 54a = 72
    assert best_amount(counts(9, 1)) == pytest.approx(4 / 3, rel=STEP - 1)
    assert best_amount(counts(5, 5)) == pytest.approx(LARGEST)
    assert best_amount(counts(7, 0)) == pytest.approx(1 / 2)  # the smallest: 1 / k


@pytest.mark.parametrize("seed", range(5))
def test_no_amount_foretells_the_counts_better(seed):
    torch.manual_seed(seed)
    some = torch.randn(40).mul(2).exp().int()
    every = torch.logspace(math.log10(1 / 40), 4, 20001, dtype=torch.float64)
    found = leave_one_out(some, torch.tensor([best_amount(some)], dtype=torch.float64))
    assert found.item() >= leave_one_out(some, every).max().item() - 1e-3 * int(some.sum())


@pytest.mark.parametrize("found", [[0] * 8, [1, 0, 0, 0, 0, 0, 0, 0], [1] * 8, [3] * 8])
def test_what_says_nothing_against_even_symbols_costs_log2_k(found):
    assert smoothed_bits(counts(*found)).tolist() == pytest.approx([3.0] * 8, abs=1e-3)


def test_symbols_that_never_came_share_one_count_at_least():
    bits = smoothed_bits(counts(50, 50, 0, 0))
    assert (2 ** -bits[2:]).sum().item() == pytest.approx(0.5 / 101, rel=1e-9)
    assert bool(bits.isfinite().all())


def uneven(k: int, kind: str) -> torch.Tensor:
    """Chances of k symbols."""
    ranks = torch.arange(1, k + 1, dtype=torch.float64)
    weights = {
        "even": torch.ones_like(ranks),
        "one in rank": 1 / ranks,
        "most dead": (ranks <= k / 16).double(),
    }[kind]
    return weights / weights.sum()


@pytest.mark.parametrize("kind", ["even", "one in rank", "most dead"])
@pytest.mark.parametrize(("k", "n"), [(256, 1000), (256, 20000), (4096, 2000)])
def test_many_symbols_cost_no_more_than_with_half_a_count_each(k, n, kind):
    chances = uneven(k, kind)
    source = torch.Generator().manual_seed(0)
    ours, halves = [], []
    for _ in range(20):
        drawn = torch.multinomial(chances, n, replacement=True, generator=source)
        found = drawn.bincount(minlength=k)
        half = -torch.log2((found + 0.5) / (n + k / 2))
        ours.append((chances * smoothed_bits(found)).sum())
        halves.append((chances * half).sum())
    assert torch.stack(ours).mean() <= torch.stack(halves).mean() + 1e-9
