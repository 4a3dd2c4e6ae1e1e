"""Crops of one photograph are alike, and error bars of every score of rqbench/metrics know it.

Features of a crop are its photograph's with noise of its own; each draw takes other photographs.
"""

import math

import pytest
import torch

from rqbench.metrics.set_scores import (
    Matched,
    rate_frechet,
    rate_inception,
    rate_kernel,
    rate_neighbours,
)

PHOTOGRAPHS, CROPS, WIDTH, SHARED = 15, 8, 6, 0.8
NAMES = [f"{place // CROPS}" for place in range(PHOTOGRAPHS * CROPS)]
DRAWS = 60


def crops(random: torch.Generator, shift: float) -> torch.Tensor:
    own = torch.randn(PHOTOGRAPHS, WIDTH, generator=random).repeat_interleave(CROPS, dim=0)
    noise = torch.randn(len(NAMES), WIDTH, generator=random)
    return SHARED**0.5 * own + (1 - SHARED) ** 0.5 * noise + shift


def rated(reference: torch.Tensor, candidate: torch.Tensor, matched: Matched) -> dict:
    found = [
        rate_frechet(reference, candidate, matched)[0],
        rate_kernel(reference, candidate, matched),
        rate_inception(2 * candidate, matched, splits=1),
        *rate_neighbours(reference, candidate, matched, 3),
    ]
    return {each.score: each for each in found}


@pytest.fixture(scope="module")
def ratios() -> dict[str, tuple[float, float]]:
    """The error that is told over the deviation from draw to draw: with clusters, and without."""
    random = torch.Generator().manual_seed(0)
    ways = Matched(NAMES, NAMES), Matched()
    draws = []
    for _ in range(DRAWS):
        sets = crops(random, 0.0), crops(random, 0.4)
        draws.append([rated(*sets, matched) for matched in ways])
    return {
        score: tuple(
            root_mean_square([draw[way][score].error.standard_error for draw in draws])
            / float(torch.tensor([draw[way][score].value for draw in draws]).std())
            for way in (0, 1)
        )
        for score in draws[0][0]
    }


def root_mean_square(values: list[float]) -> float:
    return math.hypot(*values) / len(values) ** 0.5


@pytest.mark.parametrize("score", ["fid", "kid", "inception_score"])
def test_influences_by_photograph_are_near_the_deviation_and_by_crop_far_below(ratios, score):
    by_photograph, by_crop = ratios[score]
    assert by_photograph == pytest.approx(1, abs=0.25)
    assert by_crop < 0.6


@pytest.mark.parametrize("score", ["precision", "recall", "density", "coverage"])
def test_neighbours_by_photograph_err_to_the_wide_side_and_by_crop_to_the_narrow(ratios, score):
    by_photograph, by_crop = ratios[score]
    assert 0.85 < by_photograph < 1.6
    assert by_crop < 0.8 * by_photograph
