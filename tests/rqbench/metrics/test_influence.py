"""Mirrors rqbench/metrics/influence.py."""

import numpy as np
import pytest
import torch

from rqbench.errors import DataError
from rqbench.metrics.influence import (
    Halved,
    Influence,
    Measured,
    is_first_half,
    total_error,
)  # fmt: skip
from rqbench.statistics import UNKNOWN

FOUR = torch.tensor([1.0, 2.0, 3.0, 6.0], dtype=torch.float64)


def test_the_error_is_that_of_a_mean():
    error = Influence(FOUR).error()
    assert error.standard_error == pytest.approx(np.std(FOUR.numpy(), ddof=1) / 2)
    assert error.freedom == 3


def test_pictures_of_one_photograph_move_together():
    influence = Influence(FOUR, clusters=["a", "a", "b", "b"])
    error = influence.error()
    # Centred -2 -1 0 3: photographs sum to -3 and 3; 18 times 2 over 1, the root, over 4
    assert error.standard_error == pytest.approx(36**0.5 / 4)
    assert error.freedom == 1
    assert (influence.num_photographs, Influence(FOUR).num_photographs) == (2, 0)


def test_of_halves_too_each_photograph_counts_once():
    names = ["b", "a", "a", "b", "c", "d", "d", "c"]
    values = torch.tensor([3.0, 1.0, 2.0, -1.0, 5.0, 2.0, -2.0, 0.0], dtype=torch.float64)
    is_first = torch.tensor([True] * 4 + [False] * 4)
    # The mean is 1.25: a 0.5, b -0.5, c 2.5, d -2.5, squares 13, times 4/3
    # Of halves: a, b 0.5, -0.5 about 1.25, c, d 2.5, -2.5 about 1.25: squares 13, times 2
    expected = (3 * 13 * 4 / 3 - 13 * 2) / 2
    error = Influence(values, Halved(values, is_first), names).error()
    assert error.standard_error == pytest.approx(expected**0.5 / 8)
    assert error.freedom == 3


def test_what_pairs_move_counts_once():
    values = torch.tensor([-1.0, 1.0, -1.0, 1.0], dtype=torch.float64)
    is_first = torch.tensor([True, True, False, False])
    # Spread 4 times 4/3 of all; of the halves each 2 a^2 times 2
    for factor, expected in ((1.0, (3 * 16 / 3 - 8) / 2), (0.1, 16 / 3), (9.0, 8 / 3)):
        error = Influence(values, Halved(factor * values, is_first)).error()
        assert error.standard_error == pytest.approx(expected**0.5 / 4)


def test_pictures_shared_by_two_scores_cancel_one_by_one():
    is_first = torch.tensor([True, True, False, False])
    first = Influence(FOUR + 1, Halved(FOUR, is_first))
    second = Influence(FOUR, Halved(FOUR, is_first))
    assert (first - second).error().standard_error == 0
    doubled = (first + second).error().standard_error
    assert doubled == pytest.approx(2 * second.error().standard_error)
    with pytest.raises(ValueError, match="same pictures"):
        first - Influence(FOUR[:3])
    assert (first - Influence(FOUR)).halved is None


def test_shared_pictures_are_of_the_same_photographs_in_both_scores():
    first = Influence(FOUR, clusters=["a", "a", "b", "b"])
    again = Influence(2 * FOUR, clusters=("a", "a", "b", "b"))
    assert list((again - first).clusters) == ["a", "a", "b", "b"]
    assert (again - first).error() == first.error()
    for other in (None, ["a", "b", "a", "b"]):
        with pytest.raises(DataError, match="other photographs"):
            first + Influence(FOUR, clusters=other)


def test_variances_of_independent_sets_add():
    error = total_error([Influence(FOUR), Influence(2 * FOUR)])
    assert error.standard_error == pytest.approx(5**0.5 * Influence(FOUR).error().standard_error)
    assert error.freedom == pytest.approx(3)


@pytest.mark.parametrize("values", [[1.0], [1.0, float("nan"), 2.0]])
def test_one_picture_or_an_infinite_influence_leave_the_error_unknown(values):
    assert Influence(torch.tensor(values)).error() == UNKNOWN


def test_one_photograph_leaves_the_error_unknown_however_many_its_crops():
    assert Influence(FOUR, clusters=["a"] * 4).error() == UNKNOWN


def test_a_score_is_moved_by_both_sets_by_the_candidates_alone_or_by_pairs():
    ours, theirs = Influence(FOUR), Influence(-FOUR)
    alone = ours.error().standard_error
    assert Measured(1.0, None, ours).error.standard_error == pytest.approx(alone)
    assert Measured(1.0, theirs, ours).error.standard_error == pytest.approx(2**0.5 * alone)
    assert Measured(1.0, theirs, ours, is_paired=True).error.standard_error == 0
    assert Measured(1.0, None, ours, is_paired=True).error.standard_error == pytest.approx(alone)


def test_photographs_are_halved_whole_and_always_alike():
    names = [f"{index // 3}" for index in range(30)]
    first = is_first_half(30, names)
    assert torch.equal(first, is_first_half(30, names))
    assert int(first.sum()) == 15
    assert all(len(set(first[start : start + 3].tolist())) == 1 for start in range(0, 30, 3))
