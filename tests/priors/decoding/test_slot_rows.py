"""Mirrors rqbench_priors/decoding/slot_rows.py."""

import pytest
import torch

from rqbench.api import CodeLayout
from rqbench_priors.decoding.slot_rows import SlotRows
from rqbench_priors.places import Places

TWO = CodeLayout(4, 4, 1, 5, (2, 1))  # places 0 to 3 are coarse, 4 to 19 fine; END is 4
THREE = CodeLayout(4, 8, 1, 5, (4, 2, 1))  # 0, 1 coarse, 2 to 9 median, 10 to 41 fine; END is 2


def rows_of(layout: CodeLayout, num: int) -> SlotRows:
    return SlotRows(Places(layout, "region-first"), torch.arange(num))


def name(rows: SlotRows, grain: int, *symbols: int) -> list[bool]:
    """Which rows were asked."""
    rows.ask_region(grain)
    rows.take_region(grain, torch.tensor(symbols))
    return rows.naming.tolist()


def draw(rows: SlotRows, slot: int, *symbols: int) -> list[int]:
    """Where the codes stand."""
    rows.find_places(slot)
    rows.take_contents(slot, torch.tensor(symbols))
    return rows.place.tolist()


def test_each_image_first_names_a_region_or_ends():
    rows = rows_of(TWO, 2)
    assert rows.ask_region(0).all()
    assert rows.naming.tolist() == [True, True]
    rows.take_region(0, torch.tensor([2, 4]))
    assert rows.regions[:, :4].tolist() == [[1, 1, 0, 1], [1, 1, 1, 1]]
    assert rows.grain.tolist() == [0, 1]
    assert rows.last.tolist() == [2, -1]
    assert rows.length.tolist() == [13, 16]
    assert rows.ordinal.tolist() == [1, 1]
    assert draw(rows, 0, 1, 1) == [2, 4]
    assert rows.ask_region(0)[0].tolist() == [False, False, False, True, True]
    assert rows.naming.tolist() == [True, False]


def test_symbols_of_rows_that_are_not_asked_change_nothing():
    rows = rows_of(TWO, 2)
    name(rows, 0, 1, 4)
    draw(rows, 0, 3, 3)
    assert name(rows, 0, 4, 2) == [True, False]
    assert rows.regions[1, :4].tolist() == [1, 1, 1, 1]
    assert rows.length.tolist() == [13, 16]
    assert rows.ordinal.tolist() == [3, 2]


def test_a_grain_that_has_nothing_to_choose_from_ends_without_a_symbol():
    rows = rows_of(TWO, 2)
    name(rows, 0, 3, 0)
    draw(rows, 0, 1, 2)
    assert name(rows, 0, 0, 1) == [False, True]  # no region comes after region 3
    assert rows.grain.tolist() == [1, 0]
    assert rows.ordinal.tolist() == [2, 3]


def test_a_region_of_several_codes_is_named_once():
    rows = rows_of(THREE, 2)
    assert name(rows, 0, 0, 2) == [True, True]  # coarse, END
    assert name(rows, 1, 1, 0) == [False, True]  # the other one names region 0 at once
    assert rows.to_come.tolist() == [1, 4]
    assert draw(rows, 0, 1, 1) == [0, 2]
    assert name(rows, 0, 2, 1) == [True, False]  # END
    assert name(rows, 1, 1, 1) == [True, False]  # then region 1 as median
    assert rows.length.tolist() == [5, 20]
    places = [draw(rows, slot, 1, 1) for slot in (1, 2, 3)]
    assert places == [[6, 3], [7, 4], [8, 5]]
    assert name(rows, 0, 2, 2) == [False, False]
    assert name(rows, 1, 0, 2) == [False, True]  # now it may go on; the first has a code to come
    assert draw(rows, 4, 1, 1) == [9, 26]
    assert rows.drawing.tolist() == [False, True]
    assert rows.grain.tolist() == [1, 2]


def test_images_that_have_ended_keep_their_codes_and_the_number_of_their_newest_symbol():
    rows = rows_of(TWO, 2)
    name(rows, 0, 3, 4)  # 1 + 3 * 4 codes, and 16
    for slot in range(16):
        name(rows, 0, 2, 2)
        draw(rows, slot, slot % 5, slot % 5)
        assert rows.drawing.tolist() == [slot < 12, slot < 15]
    assert rows.ordinal.tolist() == [13, 16]
    codes = rows.codes()
    assert codes.num_codes().tolist() == [13, 16]
    assert codes.values[0, 2:, 2:].unique().tolist() == [0]
    assert codes.values[1, :2, :2].flatten().tolist() == [0, 1, 2, 3]  # region by region


@pytest.mark.parametrize("num", [1, 2])
def test_rows_that_draw_move_up_and_those_that_leave_keep_their_codes(num):
    rows = rows_of(TWO, 3)
    for slot in range(4):
        name(rows, 0, slot, slot, 4)  # two images are coarse all over
        draw(rows, slot, slot, 4 - slot, 2)
    assert rows.drawing.tolist() == [False, False, True]
    assert rows.keep(num).tolist() == [2, 0][:num]
    assert rows.row.tolist() == [2, 0][:num]
    for slot in range(4, 16):
        draw(rows, slot, *[slot % 5, 1][:num])
    codes = rows.codes()
    assert codes.grain_map.flatten(1).tolist() == [[0] * 4, [0] * 4, [1] * 4]
    corners = codes.values[:, ::2, ::2].flatten(1).tolist()
    assert corners[:2] == [[0, 1, 2, 3], [4, 3, 2, 1]]
    assert codes.values[2, :2, 2:].flatten().tolist() == [4, 0, 1, 2]
