"""Mirrors rqbench/metrics/kernel.py."""

import pytest
import torch

import rqbench.metrics.kernel as kernel
from rqbench.metrics.kernel import kernel_sums
from rqbench.metrics.libraries import library

ONE_GROUP = torch.zeros(2, dtype=torch.int64)


def test_two_points_a_side_by_hand():
    first, second = torch.tensor([[0.0], [1.0]]), torch.tensor([[1.0], [2.0]])
    # (x y + 1)^3. Within: 0*1 gives 1, 1*2 gives 27. Between: 1, 1, 8 and 27
    found = kernel_sums(first, second, ONE_GROUP, ONE_GROUP).distance([0], [0])
    assert found == pytest.approx(1 + 27 - 2 * 37 / 4)


def test_it_equals_that_of_torch_fidelity_on_the_whole_set():
    a, b = torch.randn(60, 16, dtype=torch.float64), torch.randn(60, 16, dtype=torch.float64) + 0.2
    expected = library("torch_fidelity.metric_kid").kid_features_to_metric(
        a, b, kid_subsets=1, kid_subset_size=60, verbose=False
    )["kernel_inception_distance_mean"]
    groups = torch.arange(60) % 7
    found = kernel_sums(a, b, groups, groups).distance(range(7), range(7))
    assert found == pytest.approx(expected, rel=1e-9)


def test_leaving_groups_out_of_the_sums_leaves_their_points_out(monkeypatch):
    monkeypatch.setattr(kernel, "_ROWS", 5)
    a, b = torch.randn(12, 4), torch.randn(9, 4)
    of_a, of_b = torch.arange(12) % 3, torch.arange(9) % 3
    found = kernel_sums(a, b, of_a, of_b).distance([0, 2], [1])
    left_a, left_b = a[of_a != 1], b[of_b == 1]
    alone = kernel_sums(left_a, left_b, torch.zeros(8).long(), torch.zeros(3).long())
    assert found == pytest.approx(alone.distance([0], [0]), rel=1e-9)
