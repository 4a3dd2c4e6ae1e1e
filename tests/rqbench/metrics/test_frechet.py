"""Mirrors rqbench/metrics/frechet.py."""

import numpy as np
import pytest
import scipy
import torch

from rqbench.metrics import frechet
from rqbench.metrics.frechet import Gaussian, fitted, frechet_distance, gaussian, gaussian_of
from rqbench.metrics.libraries import library
from rqbench.metrics.moments import Moments

SCIPY = tuple(int(part) for part in scipy.__version__.split(".")[:2])


def clouds(first, second):
    mixing = torch.randn(64, 64, dtype=torch.float64)
    a = torch.randn(first, 64, dtype=torch.float64) @ mixing
    return a, torch.randn(second, 64, dtype=torch.float64) + 0.3


def of_moments(cloud):
    return gaussian_of(Moments.of(cloud))


def test_the_root_of_a_cloud_gives_its_covariance_back():
    for count in (5, 50):  # fewer points than dimensions, and more
        cloud = torch.randn(count, 8, dtype=torch.float64)
        fitted = gaussian(cloud)
        assert len(fitted.root) == min(count, 8)
        torch.testing.assert_close(fitted.root.T @ fitted.root, torch.cov(cloud.T))


def test_round_gaussians_differ_by_means_and_by_deviations():
    eye = torch.eye(3, dtype=torch.float64)
    first = Gaussian(torch.zeros(3, dtype=torch.float64), 2 * eye)
    second = Gaussian(torch.tensor([3.0, 4.0, 0.0], dtype=torch.float64), 5 * eye)
    assert frechet_distance(first, second) == pytest.approx(25.0 + 3 * (5 - 2) ** 2)


def test_points_on_two_crossing_lines_share_nothing():
    along = torch.tensor([[-1.0, 0.0], [1.0, 0.0]])  # variance 2 along the first axis
    across = torch.tensor([[0.0, -2.0], [0.0, 2.0]])  # variance 8 along the second
    assert frechet_distance(gaussian(along), gaussian(across)) == pytest.approx(10.0)


@pytest.mark.parametrize("fit", [gaussian, of_moments])
@pytest.mark.parametrize(("first", "second"), [(40, 40), (40, 300), (300, 200)])
def test_it_equals_that_of_torch_fidelity(first, second, fit):
    module = library("torch_fidelity.metric_fid")
    a, b = clouds(first, second)
    expected = module.fid_statistics_to_metric(
        module.fid_features_to_statistics(a), module.fid_features_to_statistics(b), verbose=False
    )["frechet_inception_distance"]
    assert frechet_distance(fit(a), fit(b)) == pytest.approx(expected, rel=1e-6)


@pytest.mark.skipif(SCIPY >= (1, 18), reason="clean-fid's square root needs an older SciPy")
@pytest.mark.filterwarnings("ignore:.*disp.*:DeprecationWarning")
def test_it_equals_that_of_clean_fid():
    a, b = clouds(300, 200)
    expected = library("cleanfid.fid").fid_from_feats(a.numpy(), b.numpy())
    assert frechet_distance(of_moments(a), of_moments(b)) == pytest.approx(expected, rel=1e-6)


def test_known_gaussians_are_at_the_distance_of_the_closed_form():
    turn = torch.linalg.qr(torch.randn(20, 20, dtype=torch.float64)).Q
    first, second = torch.rand(2, 20, dtype=torch.float64) + 0.1
    shift = torch.randn(20, dtype=torch.float64)
    found = frechet_distance(
        gaussian_of(Moments.given(shift, turn @ torch.diag(first) @ turn.T)),
        gaussian_of(Moments.given(torch.zeros(20), turn @ torch.diag(second) @ turn.T)),
    )
    expected = shift.square().sum() + (first.sqrt() - second.sqrt()).square().sum()
    assert found == pytest.approx(float(expected), rel=1e-9)


def test_fewer_points_than_features_are_exact_and_flagged():
    a, b = clouds(40, 50)
    found = of_moments(a), of_moments(b)
    assert [len(side.root) for side in found] == [39, 49]
    assert all(side.has_too_few for side in found)
    expected = frechet_distance(gaussian(a), gaussian(b))
    assert frechet_distance(*found) == pytest.approx(expected, rel=1e-9)


def test_a_feature_that_never_changes_leaves_the_points_enough():
    cloud = torch.randn(50, 4)
    cloud[:, 2] = 7.0
    found = of_moments(cloud)
    assert len(found.root) == 3 and not found.has_too_few


@pytest.mark.parametrize("count", [4, 200])
def test_some_points_are_fitted_as_if_they_were_all(count, monkeypatch):
    monkeypatch.setattr(frechet, "_ROWS", 7)
    cloud, kept = torch.randn(200, 5, dtype=torch.float64), np.arange(0, 200, 200 // count)
    found, expected = fitted(cloud, kept), cloud[kept]
    torch.testing.assert_close(found.mean, expected.mean(dim=0))
    torch.testing.assert_close(found.root.T @ found.root, expected.T.cov())
    assert found.n == count


@pytest.mark.parametrize("fit", [gaussian, of_moments])
def test_a_cloud_is_at_no_distance_from_itself(fit):
    cloud = torch.randn(50, 200)
    assert 0.0 <= frechet_distance(fit(cloud), fit(cloud)) < 1e-9
