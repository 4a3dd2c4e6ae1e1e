"""Mirrors rqbench/metrics/frechet_infinity.py."""

import pytest
import torch

from rqbench.metrics.frechet import frechet_distance, gaussian_of
from rqbench.metrics.frechet_infinity import frechet_at_infinity
from rqbench.metrics.moments import Moments


def test_the_last_point_is_the_plain_distance_and_draws_are_seeded():
    first, second = torch.randn(300, 8), torch.randn(400, 8) + 0.1
    found = frechet_at_infinity(first, second)
    plain = frechet_distance(*(gaussian_of(Moments.of(side)) for side in (first, second)))
    assert len(found.sizes) == 15
    assert (found.sizes[0], found.sizes[-1]) == (30, 300)
    assert found.distances[-1] == pytest.approx(plain, rel=1e-9)
    assert frechet_at_infinity(first, second) == found


@pytest.mark.parametrize("dim", [64, 512])
def test_of_2000_images_it_errs_by_less_than_half_of_what_the_plain_distance_does(dim):
    deviations = torch.linspace(0.8, 1.5, dim, dtype=torch.float64)
    truth = float((deviations - 1).square().sum())
    errors, plain = [], []
    for _ in range(8 if dim == 64 else 2):
        first, second = torch.randn(2000, dim), torch.randn(2000, dim) * deviations
        found = frechet_at_infinity(first, second)
        errors.append(abs(found.value - truth))
        plain.append(abs(found.distances[-1] - truth))
    assert sum(errors) < sum(plain) / 2


def test_a_reference_of_statistics_stays_whole_and_its_bias_with_it():
    """An exact reference has none: all of the bias goes."""
    dim = 20
    exact = gaussian_of(Moments.given(torch.zeros(dim), torch.eye(dim)))
    found = [frechet_at_infinity(torch.randn(1000, dim), exact) for _ in range(5)]
    assert all("bias of the reference" in one.note for one in found)
    assert sum(one.distances[-1] for one in found) / 5 > 0.1
    assert abs(sum(one.value for one in found)) / 5 < 0.03


def test_fewer_images_than_twice_the_features_have_no_line():
    found = frechet_at_infinity(torch.randn(30, 16), torch.randn(99, 16))
    assert found.value is None
    assert "30 are too few" in found.note
