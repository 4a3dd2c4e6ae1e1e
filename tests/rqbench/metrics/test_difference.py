"""Mirrors rqbench/metrics/difference.py."""

import pytest
import torch

from rqbench.metrics.difference import Pairing, difference, score_error
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
    first, second = Measured(5.0, SHARED, OWN), Measured(3.0, OTHER, OWN)
    found = difference(first, second, Pairing.CANDIDATES)
    assert found.error.standard_error == pytest.approx(root_of_squares(SHARED - OTHER))
    found = difference(first, Measured(3.0, SHARED, OTHER), Pairing.ALL)
    assert found.error.standard_error == pytest.approx(root_of_squares(OWN - OTHER))
    opposed = Influence(-SHARED.values)
    assert score_error(Measured(1.0, SHARED, opposed), Pairing.ALL).standard_error < 1e-9
    assert score_error(Measured(1.0, SHARED, opposed)).standard_error > 0.1


def test_a_fixed_reference_adds_nothing():
    first, second = Measured(5.0, None, OWN), Measured(3.0, None, OTHER)
    assert score_error(first).standard_error == pytest.approx(root_of_squares(OWN))
    expected = root_of_squares(OWN, OTHER)
    assert difference(first, second).error.standard_error == pytest.approx(expected)


def test_crops_of_one_photograph_count_once():
    names = [str(place // 4) for place in range(40)]
    found = difference(
        Measured(5.0, SHARED, OWN), Measured(3.0, SHARED, OTHER), Pairing.CANDIDATES, names
    )
    expected = (OWN - OTHER).error(names).standard_error
    assert found.error.standard_error == pytest.approx(expected)
    assert found.error.freedom == pytest.approx(9)
