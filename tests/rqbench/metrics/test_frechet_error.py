"""Mirrors rqbench/metrics/frechet_error.py."""

import pytest
import torch

from rqbench.metrics import frechet_error as module
from rqbench.metrics.frechet import frechet_distance, gaussian_of
from rqbench.metrics.frechet_error import (
    frechet_influence,
    frechet_influences,
    moved,
    transports,
)
from rqbench.metrics.influence import total_error
from rqbench.metrics.moments import Moments
from rqbench.statistics import UNKNOWN


def fit(cloud):
    return gaussian_of(Moments.of(cloud))


def pair(n, m, dim=6):
    first = torch.randn(n, dim, dtype=torch.float64)
    return first, torch.randn(m, dim, dtype=torch.float64) * torch.linspace(0.5, 2, dim) + 0.3


def test_the_map_takes_one_covariance_to_the_other_and_back():
    first, second = (fit(cloud) for cloud in pair(50, 60))
    there, back = (map_.factor @ map_.factor.T for map_ in transports(first, second))
    covariances = [side.root.T @ side.root for side in (first, second)]
    torch.testing.assert_close(there @ covariances[0] @ there, covariances[1])
    torch.testing.assert_close(there @ back, torch.eye(6, dtype=torch.float64))


def test_an_influence_is_what_leaving_the_picture_out_changes():
    """Against refits without the picture."""
    first, second = pair(1000, 800)
    ours, theirs = frechet_influences(first, second)
    whole = frechet_distance(fit(first), fit(second))
    for cloud, influence in ((first, ours), (second, theirs)):
        for index in (3, 500):
            kept = torch.arange(len(cloud)) != index
            left = (cloud[kept], second) if cloud is first else (first, cloud[kept])
            change = len(cloud) * (whole - frechet_distance(*(fit(side) for side in left)))
            centred = influence.values - influence.values.mean()
            assert float(centred[index]) == pytest.approx(change, rel=0.05, abs=0.05)


def test_blocks_give_what_the_whole_gives(monkeypatch):
    first, second = pair(100, 90)
    whole = frechet_influences(first, second)
    monkeypatch.setattr(module, "_ROWS", 13)
    for one, other in zip(whole, frechet_influences(first, second), strict=True):
        torch.testing.assert_close(one.values, other.values)
        torch.testing.assert_close(one.halved.values, other.halved.values)


def test_each_half_is_measured_by_its_own_map():
    first, second = pair(100, 90)
    ours, theirs = frechet_influences(first, second)
    alone = transports(fit(first[ours.halved.is_first]), fit(second[theirs.halved.is_first]))[0]
    expected = moved(first[ours.halved.is_first], alone)
    torch.testing.assert_close(ours.halved.values[ours.halved.is_first], expected)


def test_against_fixed_statistics_the_set_alone_counts():
    first, second = pair(100, 90)
    alone, both = frechet_influence(first, fit(second)), frechet_influences(first, second)[0]
    torch.testing.assert_close(alone.values, both.values)


def test_too_few_pictures_have_no_influences_and_few_have_no_halves():
    many = torch.randn(50, 10)
    assert frechet_influences(torch.randn(11, 10), many) is None
    assert frechet_influence(torch.randn(11, 10), fit(many)) is None
    ours, theirs = frechet_influences(torch.randn(20, 10), many)
    assert ours.halved is None and theirs.halved is None


@pytest.mark.parametrize("lone", [0, 1])
def test_a_half_of_no_picture_or_of_one_is_no_half(lone):
    names = ["a"] * lone + ["b"] * (50 - lone)
    ours, theirs = frechet_influences(torch.randn(50, 10), torch.randn(60, 10), names)
    assert ours.halved is None and theirs.halved is None
    assert (ours.error() == UNKNOWN) == (lone == 0)
    assert frechet_influence(torch.randn(50, 10), fit(torch.randn(60, 10)), names).halved is None


@pytest.mark.parametrize("scale", [1.0, 1.1, 2.0])
def test_the_error_is_the_deviation_over_draws(scale):
    """For equal, near and far distributions, where influences alone say up to 1.4 times as much."""
    dim, n, distances, errors = 32, 500, [], []
    for _ in range(150):
        first = torch.randn(n, dim, dtype=torch.float64)
        second = scale * torch.randn(n, dim, dtype=torch.float64)
        distances.append(frechet_distance(fit(first), fit(second)))
        errors.append(total_error(frechet_influences(first, second)).standard_error)
    deviation = float(torch.tensor(distances).std())
    assert float(torch.tensor(errors).mean()) == pytest.approx(deviation, rel=0.15)
