"""Mirrors rqbench/metrics/influence.py."""

import numpy as np
import pytest
import torch

from rqbench.metrics.influence import Halved, Influence, is_first_half, total_error
from rqbench.statistics import UNKNOWN

FOUR = torch.tensor([1.0, 2.0, 3.0, 6.0], dtype=torch.float64)


def test_the_error_is_that_of_a_mean():
    error = Influence(FOUR).error()
    assert error.standard_error == pytest.approx(np.std(FOUR.numpy(), ddof=1) / 2)
    assert error.freedom == 3


def test_pictures_of_one_photograph_move_together():
    error = Influence(FOUR).error(["a", "a", "b", "b"])
    # Centred -2 -1 0 3: photographs sum to -3 and 3; 18 times 2 over 1, the root, over 4
    assert error.standard_error == pytest.approx(36**0.5 / 4)
    assert error.freedom == 1


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
    with pytest.raises(ValueError, match="same clusters"):
        first - Influence(FOUR, Halved(FOUR, ~is_first))
    assert (first - Influence(FOUR)).halved is None


def test_variances_of_independent_sets_add():
    error = total_error([(Influence(FOUR), None), (Influence(2 * FOUR), None)])
    assert error.standard_error == pytest.approx(5**0.5 * Influence(FOUR).error().standard_error)
    assert error.freedom == pytest.approx(3)


@pytest.mark.parametrize("values", [[1.0], [1.0, float("nan"), 2.0]])
def test_one_picture_or_an_infinite_influence_leave_the_error_unknown(values):
    assert Influence(torch.tensor(values)).error() == UNKNOWN


def test_photographs_are_halved_whole_and_always_alike():
    names = [f"{index // 3}" for index in range(30)]
    first = is_first_half(30, names)
    assert torch.equal(first, is_first_half(30, names))
    assert int(first.sum()) == 15
    assert all(len(set(first[start : start + 3].tolist())) == 1 for start in range(0, 30, 3))
