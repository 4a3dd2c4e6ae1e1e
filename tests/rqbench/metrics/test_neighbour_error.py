"""Mirrors rqbench/metrics/neighbour_error.py."""

import pytest
import torch

from rqbench.metrics.neighbour_error import OfPictures, corrected_error
from rqbench.statistics import UNKNOWN


def test_the_mean_is_of_the_pictures_that_are_left():
    values = torch.tensor([[1.0, 1], [0, 1], [0, 0]])
    kept = torch.tensor([[True, True], [True, True], [True, False]])
    assert OfPictures(values, kept).means() == pytest.approx([1 / 3, 1])


def test_where_nothing_was_left_out_no_error_is_known():
    assert corrected_error(torch.ones(3), torch.ones(3, 0), torch.ones(3, 0).bool()) == UNKNOWN


def test_a_single_changed_picture_is_chance_and_a_change_of_all_is_not():
    """Two groups, so that the jackknife's variance is half the sum of squares around the mean."""
    whole, kept = torch.tensor([1.0, 1, 0, 0]), torch.ones(4, 2, dtype=torch.bool)
    # Means 1/4 and 1/2: a variance of 1/64. The one picture differs by 1/2 either way from its
    # usual 1/2, a variance among the four of 1/16, of which each mean has a quarter: all of it is
    # chance, and half of the error of 1/8 stays all the same
    one = torch.tensor([[1.0, 1], [0, 1], [0, 0], [0, 0]])
    assert corrected_error(whole, one, kept).standard_error == pytest.approx(1 / 16)
    alike = torch.tensor([[0.0, 1]]).repeat(4, 1)
    assert corrected_error(whole, alike, kept).standard_error == pytest.approx(0.5)


def test_the_correction_leaves_the_error_of_pictures_whose_judgement_stands():
    """What changed would take all off; but each group holds half of the four pictures, and its
    mean is 1 or 0 even where nothing changes."""
    whole = torch.tensor([1.0, 1, 0, 0])
    kept = torch.tensor([[True, False], [True, False], [False, True], [False, True]])
    error = corrected_error(whole, whole[:, None].repeat(1, 2), kept)
    assert error.standard_error == pytest.approx(0.5)
