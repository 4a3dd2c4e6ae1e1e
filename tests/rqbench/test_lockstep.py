"""Mirrors rqbench/lockstep.py."""

import pytest
import torch

from rqbench.api import Filter, choose_by_uniform
from rqbench.lockstep import choose_content, invert

TOLERANCE = 2e-6  # of the total, between u and an edge


def chosen_with_margin(
    logits: torch.Tensor, u: torch.Tensor, narrowing: Filter
) -> tuple[torch.Tensor, torch.Tensor]:
    """What `choose_by_uniform` picks, and which rows' u lies clear of all edges."""
    legal = torch.ones_like(logits, dtype=torch.bool)
    picked = [
        choose_by_uniform(logits, legal, (u + shift).clamp(0, 1 - 2**-53), narrowing)
        for shift in (-TOLERANCE, 0.0, TOLERANCE)
    ]
    return picked[1], (picked[0] == picked[2])


@pytest.mark.parametrize(
    "narrowing",
    [
        Filter(),
        Filter(temperature=0.7),
        Filter(top_k=5),
        Filter(top_k=5, temperature=2.0),
        Filter(top_k=10**6),
        Filter(top_p=0.6),
        Filter(top_p=0.6, nucleus="exceed"),
        Filter(top_p=0.6, top_k=20, nucleus="exceed"),
    ],
    ids=str,
)
@pytest.mark.parametrize(("rows", "size"), [(1, 7), (600, 128), (600, 1000), (70, 1024)])
def test_a_choice_is_that_of_the_reference(narrowing, rows, size):
    logits = torch.randn(rows, size) * 2
    u = torch.rand(rows, dtype=torch.float64)
    expected, clear = chosen_with_margin(logits, u, narrowing)
    assert clear.float().mean() > 0.95
    assert (choose_content(logits, u, narrowing) == expected)[clear].all()


@pytest.mark.parametrize("rows", [1, 512])  # row by row, and in blocks
def test_edges_belong_to_the_next_symbol_and_none_without_weight_is_picked(rows):
    weights = torch.zeros(rows, 256)
    weights[:, [3, 127, 128, 200]] = 0.25
    ends = [(0.0, 3), (0.25, 127), (0.5, 128), (0.75, 200), (1 - 2**-53, 200)]
    for u, symbol in ends:
        points = torch.full((rows,), u, dtype=torch.float64)
        assert (invert(weights, points) == symbol).all()


@pytest.mark.parametrize("size", [50, 256])
def test_the_largest_uniform_picks_the_last_symbol_with_weight_whatever_the_total(size):
    weights = torch.rand(1000, size) + 0.01
    weights[:, -10:] = 0
    u = torch.full((1000,), 1 - 2**-53, dtype=torch.float64)
    assert (invert(weights, u) == size - 11).all()


def test_ties_with_the_kth_are_kept():
    logits = torch.tensor([[0.5, 0.2, 0.2, 0.1]]).log().expand(3, -1)
    u = torch.tensor([0.55, 0.75, 0.8], dtype=torch.float64)  # edges at 5/9, 7/9, 1
    assert choose_content(logits, u, Filter(top_k=2)).tolist() == [0, 1, 2]


def test_blocks_find_the_symbol_that_a_plain_sum_finds():
    probabilities = torch.randn(40, 16384).mul(3).softmax(dim=1)
    u = torch.rand(40, dtype=torch.float64)
    cumulative = probabilities.double().cumsum(dim=1)
    plain = (cumulative <= u[:, None] * cumulative[:, -1:]).sum(dim=1)
    assert probabilities.numel() >= 2**16
    assert (invert(probabilities, u) == plain).float().mean() > 0.9
    near = (invert(probabilities, u) - plain).abs().max()
    assert near <= 3  # a u within rounding of an edge may pick its neighbour
