"""Mirrors rqbench/metrics/difference.py."""

from dataclasses import replace

import pytest
import torch

from rqbench.metrics.difference import difference
from rqbench.metrics.influence import Influence, Measured

SHARED = Influence(torch.randn(40, generator=torch.Generator().manual_seed(1)))
OWN = Influence(torch.randn(40, generator=torch.Generator().manual_seed(2)))
OTHER = Influence(torch.randn(40, generator=torch.Generator().manual_seed(3)))


def root_of_squares(*influences):
    return sum(one.error().standard_error ** 2 for one in influences) ** 0.5


def test_what_the_reference_does_to_both_is_taken_off():
    found = difference(Measured(5.0, SHARED, OWN), Measured(3.0, SHARED, OTHER))
    assert found.value == 2.0
    assert found.error.standard_error == pytest.approx(root_of_squares(OWN, OTHER))
    assert found.p_value == found.error.p_value(2.0)
    assert found.smallest_detectable == found.error.smallest_detectable()


def test_reconstructions_of_the_same_pictures_pair():
    first, second = (Measured(5.0, SHARED, each, is_paired=True) for each in (OWN, OTHER))
    assert difference(first, second).error.standard_error == pytest.approx(
        root_of_squares(OWN - OTHER)
    )
    moved_alike = Measured(3.0, Influence(OWN.values + SHARED.values - OTHER.values), OTHER, True)
    assert difference(first, moved_alike).error.standard_error < 1e-6


def test_where_no_reference_plays_a_part_reconstructions_still_pair():
    first, second = Measured(5.0, None, OWN, is_paired=True), Measured(3.0, None, OTHER, True)
    expected = root_of_squares(OWN - OTHER)
    assert difference(first, second).error.standard_error == pytest.approx(expected)


def test_a_fixed_reference_adds_nothing():
    first, second = Measured(5.0, None, OWN), Measured(3.0, None, OTHER)
    expected = root_of_squares(OWN, OTHER)
    assert difference(first, second).error.standard_error == pytest.approx(expected)


def test_crops_of_one_photograph_count_once():
    names = [str(place // 4) for place in range(40)]
    own, other = (replace(each, clusters=names) for each in (OWN, OTHER))
    found = difference(Measured(5.0, SHARED, own), Measured(3.0, SHARED, other))
    assert found.error.standard_error == pytest.approx(root_of_squares(own, other))
    assert found.error.freedom == pytest.approx(9)
