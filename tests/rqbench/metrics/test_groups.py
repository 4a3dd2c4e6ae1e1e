"""Mirrors rqbench/metrics/groups.py."""

from collections import Counter

import pytest

from rqbench.errors import DataError
from rqbench.metrics.groups import bundled, left_together, random_blocks


def test_images_without_photographs_fall_into_sixteen_equal_blocks_at_random():
    blocks = random_blocks(35)
    assert sorted(Counter(blocks).values()) == [2] * 13 + [3] * 3
    assert blocks != sorted(blocks)
    assert blocks == random_blocks(35)


def test_up_to_32_photographs_stay_themselves():
    names = [f"photo {place % 32}" for place in range(70)]
    assert bundled(names) == names


def test_more_photographs_are_bundled_whole_whatever_order_they_come_in():
    names = [f"{place // 2:03d}" for place in range(200)]
    bundles = bundled(names)
    assert len(set(bundles)) == 32
    assert len(set(zip(names, bundles, strict=True))) == 100
    assert bundled(names[::-1]) == bundles[::-1]


def test_groups_of_which_one_cannot_be_left_out_are_one_group():
    names = ["large"] * 5 + ["small"] * 3
    assert bundled(names, least=3) == names
    assert bundled(names, least=4) == random_blocks(8, least=8) == ["all"] * 8


def test_photographs_are_left_out_where_they_are_known_and_random_blocks_otherwise():
    names = [f"{place // 2:03d}" for place in range(200)]
    assert left_together(200, names) == bundled(names)
    assert left_together(200, None) == random_blocks(200)
    assert left_together(8, ["large"] * 5 + ["small"] * 3, least=4) == ["all"] * 8
    with pytest.raises(DataError, match="200 photographs are named for 9 pictures"):
        left_together(9, names)
