"""Mirrors rqbench_tokenizers/thresholds.py."""

import pytest
import torch

from rqbench_tokenizers.thresholds import route, threshold_for, thresholds_for


def test_a_region_gets_one_grain_more_for_each_threshold_it_exceeds() -> None:
    scores = torch.tensor([[[0.0, 1.0, 1.5], [2.0, 2.5, 9.0]]])
    assert route(scores, torch.tensor([1.0, 2.0])).tolist() == [[[0, 0, 1], [1, 2, 2]]]


@pytest.mark.parametrize(
    ("ratio", "threshold"),
    [(0.0, 4.0), (0.25, 3.5), (0.5, 2.5), (0.6, 2.5), (0.7, 1.5), (1.0, 0.0)],
)
def test_the_threshold_lies_between_the_scores_that_it_parts(
    ratio: float, threshold: float
) -> None:
    assert threshold_for(torch.tensor([3.0, 1.0, 4.0, 2.0]), ratio).item() == threshold


def test_ties_go_to_the_side_that_comes_nearer_to_the_ratio() -> None:
    scores = torch.tensor([0.0, 0.0, 0.0, 0.0, 0.0, 1.0, 2.0, 3.0, 4.0, 5.0])
    assert threshold_for(scores, 0.6).item() == 0.5  # half exceed it
    assert threshold_for(scores, 0.9).item() == -1.0  # all do


def test_three_grains_get_their_shares() -> None:
    scores = torch.rand(1000)
    thresholds = thresholds_for(scores, (0.3, 0.2))
    grains = route(scores.view(1, 10, 100), thresholds).flatten().bincount()
    assert grains.tolist() == [500, 300, 200]
