"""Mirrors rqbench/metrics/frechet_tails.py."""

import pytest
import torch

from rqbench.metrics import frechet_tails as module
from rqbench.metrics.frechet import Gaussian, frechet_parts, gaussian_of
from rqbench.metrics.frechet_correction import corrected_distance
from rqbench.metrics.frechet_error import transports
from rqbench.metrics.frechet_tails import tail_bias
from rqbench.metrics.moments import Moments

DIM = 20
ROUND = Gaussian(torch.zeros(DIM, dtype=torch.float64), torch.eye(DIM, dtype=torch.float64))


TWICE = Gaussian(torch.zeros(1, dtype=torch.float64), torch.full((1, 1), 2.0, dtype=torch.float64))


def measured(cloud):
    """What is left of the distance from a round distribution, and what the tails say of it."""
    fitted = gaussian_of(Moments.of(cloud))
    value = corrected_distance(fitted, ROUND, frechet_parts(fitted, ROUND)).value
    return value, tail_bias(cloud, transports(fitted, ROUND)[0])


def test_of_one_feature_it_is_what_the_kurtosis_says():
    cloud = torch.randn(50, 1, dtype=torch.float64).exp()
    fitted = gaussian_of(Moments.of(cloud))
    there = transports(fitted, TWICE)[0]
    standard = (cloud - cloud.mean()) / cloud.std()
    # w of one feature is s / 2, and s the product of both deviations
    weight = 2.0 * float(cloud.std()) / 2
    fourth = float(standard.pow(4).mean()) * (50 / 49) ** 2 - 3 * 49 / 51
    expected = weight * fourth / (2 * 50) / (1 - 1 / 49) ** 1.5
    assert tail_bias(cloud, there) == pytest.approx(expected, rel=1e-9)


def test_normal_features_have_none():
    tails = [measured(torch.randn(200, DIM, dtype=torch.float64))[1] for _ in range(40)]
    assert abs(sum(tails) / 40) < 0.003


def test_it_is_the_bias_of_pictures_that_lie_near_and_far(monkeypatch):
    monkeypatch.setattr(module, "_ROWS", 64)  # so that blocks end in the middle
    values, tails = 0.0, 0.0
    for _ in range(150):
        lengths = torch.tensor([0.6, 1.28**0.5])[torch.randint(2, (200, 1))].double()
        cloud = lengths * torch.randn(200, DIM, dtype=torch.float64)
        cloud /= ((0.36 + 1.28) / 2) ** 0.5
        value, tail = measured(cloud)
        values, tails = values + value / 150, tails + tail / 150
    assert values > 0.05
    assert tails == pytest.approx(values, rel=0.25)
