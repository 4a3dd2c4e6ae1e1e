"""Mirrors rqbench/fidelity/paired_sets.py."""

from dataclasses import replace

import numpy as np
import pytest

from rqbench.errors import DataError
from rqbench.fidelity.paired_sets import pair

NAMES = ["a", "a", "b", "c"]


@pytest.fixture
def real(normal_set):
    return normal_set(4, name="real")


@pytest.fixture
def fake(normal_set):
    return normal_set(4, name="fake")


def test_sets_of_which_no_photographs_are_known_stay_what_they_are(real, fake):
    assert pair(real, [fake]) == [real, fake]


@pytest.mark.parametrize("place", [0, 1, 2])
def test_the_photographs_of_one_are_those_of_all(real, fake, of_photographs, place):
    sets = [real, fake, fake]
    sets[place] = of_photographs(sets[place], NAMES)
    found = pair(sets[0], sets[1:])
    assert [each.clusters for each in found] == [NAMES] * 3
    assert [each.name for each in found] == ["real", "fake", "fake"]
    assert np.array_equal(found[0].cloud, real.cloud)


def test_crops_of_other_photographs_in_the_same_places_are_no_pairs(real, fake, of_photographs):
    sets = of_photographs(real, NAMES), of_photographs(fake, NAMES[::-1])
    with pytest.raises(DataError, match="fake cannot pair with real: in the same places"):
        pair(sets[0], [sets[1]])


def test_other_numbers_and_statistics_do_not_pair(real, fake, normal_set):
    with pytest.raises(DataError, match="3 pictures against 4 pictures"):
        pair(real, [normal_set(3, name="fewer")])
    with pytest.raises(DataError, match="4 pictures against statistics alone"):
        pair(replace(real, features=None), [fake])
    with pytest.raises(DataError, match="cannot pair with the statistics in real"):
        pair(replace(real, given=fake.moments), [fake])
