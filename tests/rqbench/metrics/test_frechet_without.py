"""Mirrors rqbench/metrics/frechet_without.py."""

import pytest
import torch

from rqbench.metrics.frechet import fitted, frechet_distance
from rqbench.metrics.frechet_without import distances_without
from rqbench.resampling import leave_out


def drawn(n, d, seed):
    return torch.randn(n, d, generator=torch.Generator().manual_seed(seed)) + seed


@pytest.mark.parametrize(("n", "n_fixed"), [(20, 30), (20, 500), (500, 20), (300, 400)])
def test_it_is_what_measuring_the_rest_again_gives(n, n_fixed):
    cloud, fixed = drawn(n, 40, 0), fitted(drawn(n_fixed, 40, 1))
    groups = [f"group {place % 5}" for place in range(n - 3)] + ["small"] * 3
    found = distances_without(cloud, fixed, groups)
    expected = leave_out(lambda kept: frechet_distance(fitted(cloud, kept), fixed), groups)
    assert found.groups == expected.groups
    assert found.value == pytest.approx(expected.value, rel=1e-6)
    assert found.replicates == pytest.approx(expected.replicates, rel=1e-6)


def test_far_from_zero_no_digits_are_lost():
    cloud, fixed = drawn(24, 16, 0) + 1e4, fitted(drawn(30, 16, 1) + 1e4)
    groups = [f"{place % 4}" for place in range(24)]
    expected = leave_out(lambda kept: frechet_distance(fitted(cloud, kept), fixed), groups)
    found = distances_without(cloud, fixed, groups)
    assert found.replicates == pytest.approx(expected.replicates, rel=1e-6)


def test_one_group_leaves_nothing_to_measure():
    found = distances_without(drawn(6, 3, 0), fitted(drawn(6, 3, 1)), ["all"] * 6)
    assert (found.replicates, found.groups) == ([], [])
