"""Mirrors rqbench/metrics/kernel_influence.py."""

import math

import pytest
import torch

from rqbench.metrics import kernel_influence
from rqbench.metrics.kernel_influence import bias_of_pairs, kernel_influences
from rqbench.metrics.kernel_subsets import kernel_distance
from rqbench.statistics import combined_error


def features(n: int, shift: float, random: torch.Generator) -> torch.Tensor:
    return torch.randn(n, 8, generator=random) + shift


def test_an_influence_is_what_leaving_the_picture_out_takes_away():
    random = torch.Generator().manual_seed(0)
    first, second = features(60, 0, random), features(60, 0.5, random)
    whole = kernel_distance(first, second).value
    found = kernel_influences(first, second)[0].values
    for place in (0, 17):
        kept = torch.arange(60) != place
        # the whole set on both sides, so that no subsets are drawn
        without = _distance(first[kept], second)
        assert whole - without == pytest.approx(float(found[place] - found.mean()) / 59, rel=0.1)


def _distance(first: torch.Tensor, second: torch.Tensor) -> float:
    """With the whole matrices, written out."""
    within, other, between = (
        ((a.double() @ b.double().T) / 8 + 1) ** 3
        for a, b in ((first, first), (second, second), (first, second))
    )
    n, m = len(first), len(second)
    return float(
        (within.sum() - within.trace()) / (n * (n - 1))
        + (other.sum() - other.trace()) / (m * (m - 1))
        - 2 * between.mean()
    )


def test_blocks_change_nothing(monkeypatch):
    random = torch.Generator().manual_seed(0)
    sets = features(30, 0, random), features(23, 0.5, random)
    whole = kernel_influences(*sets)
    monkeypatch.setattr(kernel_influence, "_ROWS", 7)
    monkeypatch.setattr(kernel_influence, "_COLUMNS", 4)
    for one, other in zip(whole, kernel_influences(*sets), strict=True):
        torch.testing.assert_close(one.values, other.values, rtol=1e-5, atol=1e-5)
        torch.testing.assert_close(one.halved.values, other.halved.values, rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize("shift", [0.0, 0.2, 1.0])
def test_the_error_is_the_spread_over_other_draws(shift):
    random = torch.Generator().manual_seed(1)
    found, variances = [], []
    for _ in range(200):
        sets = features(150, 0, random), features(150, shift, random)
        found.append(kernel_distance(*sets).value)
        error = combined_error([each.error() for each in kernel_influences(*sets)])
        variances.append(error.standard_error**2)
    ratio = (sum(variances) / len(variances)) ** 0.5 / float(torch.tensor(found).std())
    assert math.isclose(ratio, 1, abs_tol=0.2)


def test_the_bias_of_pairs_is_what_pairs_add_to_the_distance_of_other_pictures():
    """Pictures in another order are no pairs any more; over all orders only the bias is left."""
    random = torch.Generator().manual_seed(0)
    first = features(12, 0, random)
    second = first + 0.3 * torch.randn(12, 8, generator=random)
    kernel = (first.double() @ second.double().T / 8 + 1) ** 3
    others = kernel[~torch.eye(12, dtype=torch.bool)].mean()
    unbiased = _distance(first, second) + 2 * (kernel.mean() - others)
    assert bias_of_pairs(first, second) == pytest.approx(
        float(_distance(first, second) - unbiased), rel=1e-5
    )
    assert bias_of_pairs(first, second) < 0
