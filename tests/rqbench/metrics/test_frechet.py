"""Mirrors rqbench/metrics/frechet.py."""

import pytest
import torch

from rqbench.metrics.frechet import Gaussian, frechet_distance, gaussian
from rqbench.metrics.libraries import library


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


@pytest.mark.parametrize(("first", "second"), [(40, 40), (40, 300), (300, 200)])
def test_it_equals_that_of_torch_fidelity(first, second):
    module = library("torch_fidelity.metric_fid")
    a = torch.randn(first, 64, dtype=torch.float64) @ torch.randn(64, 64, dtype=torch.float64)
    b = torch.randn(second, 64, dtype=torch.float64) + 0.3
    expected = module.fid_statistics_to_metric(
        module.fid_features_to_statistics(a), module.fid_features_to_statistics(b), verbose=False
    )["frechet_inception_distance"]
    assert frechet_distance(gaussian(a), gaussian(b)) == pytest.approx(expected, rel=1e-6)


def test_a_cloud_is_at_no_distance_from_itself():
    cloud = torch.randn(50, 200)
    assert 0.0 <= frechet_distance(gaussian(cloud), gaussian(cloud)) < 1e-9
