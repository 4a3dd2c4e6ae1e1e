"""Mirrors rqbench/metrics/kernel.py."""

import numpy as np
import pytest
import torch

import rqbench.metrics.kernel as kernel
from rqbench.metrics.influence import total_error
from rqbench.metrics.kernel import kernel_distance, kernel_influences, kernel_sums
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
    monkeypatch.setattr(kernel, "_VALUES", 50)
    a, b = torch.randn(12, 4), torch.randn(9, 4)
    of_a, of_b = torch.arange(12) % 3, torch.arange(9) % 3
    found = kernel_sums(a, b, of_a, of_b).distance([0, 2], [1])
    left_a, left_b = a[of_a != 1], b[of_b == 1]
    alone = kernel_sums(left_a, left_b, torch.zeros(8).long(), torch.zeros(3).long())
    assert found == pytest.approx(alone.distance([0], [0]), rel=1e-9)


def test_random_subsets_are_those_of_torch_fidelity():
    a, b = torch.randn(50, 16), torch.randn(70, 16) + 0.2
    expected = library("torch_fidelity.metric_kid").kid_features_to_metric(
        a.double(), b.double(), kid_subsets=5, kid_subset_size=20, rng_seed=7, verbose=False
    )["kernel_inception_distance_mean"]
    assert kernel_distance(a, b, 5, 20, seed=7) == pytest.approx(expected, rel=1e-9)


def test_random_subsets_are_those_of_clean_fid_once_that_is_seeded():
    a, b = (torch.randn(n, 16, dtype=torch.float64) for n in (50, 70))
    np.random.seed(3)
    expected = library("cleanfid.fid").kernel_distance(b.numpy(), a.numpy(), 5, 20)
    assert kernel_distance(a, b, 5, 20, seed=3) == pytest.approx(expected, rel=1e-9)


def test_an_influence_is_what_leaving_the_point_out_changes():
    a, b = torch.randn(300, 4, dtype=torch.float64), torch.randn(200, 4, dtype=torch.float64) + 0.5
    found = kernel_influences(a, b)

    def whole(first, second):
        alone = [torch.zeros(len(cloud), dtype=torch.int64) for cloud in (first, second)]
        return kernel_sums(first, second, *alone).distance([0], [0])

    assert found.value == pytest.approx(whole(a, b), rel=1e-9)
    kept = torch.arange(300) != 5
    change = 299 * (found.value - whole(a[kept], b))
    centred = found.reference.values - found.reference.values.mean()
    assert float(centred[5]) == pytest.approx(change, rel=0.05)
    kept = torch.arange(200) != 5
    change = 199 * (found.value - whole(a, b[kept]))
    centred = found.candidate.values - found.candidate.values.mean()
    assert float(centred[5]) == pytest.approx(change, rel=0.05)


def test_each_half_is_measured_by_its_own_points(monkeypatch):
    monkeypatch.setattr(kernel, "_VALUES", 50)
    a, b = torch.randn(40, 4), torch.randn(30, 4)
    found = kernel_influences(a, b)
    ours, theirs = found.reference.halved, found.candidate.halved
    alone = kernel_influences(a[ours.is_first], b[theirs.is_first])
    torch.testing.assert_close(ours.values[ours.is_first], alone.reference.values)
    torch.testing.assert_close(theirs.values[theirs.is_first], alone.candidate.values)


@pytest.mark.parametrize("shift", [0.0, 0.1, 1.0])
def test_the_error_is_the_deviation_over_draws(shift):
    values, errors = [], []
    for _ in range(200):
        found = kernel_influences(torch.randn(200, 8), torch.randn(200, 8) + shift)
        values.append(found.value)
        error = total_error([(found.reference, None), (found.candidate, None)])
        errors.append(error.standard_error)
    assert np.mean(errors) == pytest.approx(np.std(values), rel=0.15)
