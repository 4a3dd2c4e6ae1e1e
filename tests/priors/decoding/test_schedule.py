"""Mirrors rqbench_priors/decoding/schedule.py."""

import pytest
import torch

from rqbench.api import CodeLayout
from rqbench_priors.decoding.schedule import Schedule, num_rows
from rqbench_priors.decoding.slot_rows import SlotRows
from rqbench_priors.places import Places

TWO = CodeLayout(4, 4, 1, 5, (2, 1))  # 4 to 16 codes
THREE = CodeLayout(4, 8, 1, 5, (4, 2, 1))  # 2 regions of 1, 4 or 16 codes
CPU, CUDA = torch.device("cpu"), torch.device("cuda")


def told(layout: CodeLayout, length: list[int], grain: list[int]) -> Schedule:
    """A schedule that has heard in slot 1 how these rows stand."""
    rows = SlotRows(Places(layout, "row-first"), torch.arange(len(length)))
    rows.length, rows.grain = torch.tensor(length), torch.tensor(grain)
    schedule = Schedule(layout, len(length), CPU)
    schedule.ask(rows)
    schedule.hear(1)
    return schedule


def test_before_anything_is_heard_all_images_may_be_longest_and_name_any_grain():
    schedule = Schedule(THREE, 3, CPU)
    schedule.hear(0)
    assert [schedule.num_rows(slot) for slot in (0, 31, 32)] == [3, 3, 0]
    assert [list(schedule.grains(slot)) for slot in (0, 1, 2, 7, 8)] == [
        [0, 1], [0, 1], [1], [1], [],
    ]  # fmt: skip


def test_rows_are_those_of_images_that_are_longer():
    schedule = told(TWO, [16, 7, 10, 7], [1, 1, 1, 1])
    assert [schedule.num_rows(slot) for slot in (6, 7, 9, 10, 15, 16)] == [4, 2, 2, 1, 1, 0]


def test_a_grain_that_no_image_names_any_more_is_not_asked_for():
    assert list(told(THREE, [32, 17], [1, 2]).grains(1)) == [1]
    assert list(told(THREE, [32, 17], [2, 2]).grains(1)) == []
    assert list(told(THREE, [32, 1], [1, 0]).grains(1)) == [1]  # the second one has ended


def test_once_regions_are_named_the_device_is_asked_no_more():
    schedule = told(TWO, [16, 7], [1, 1])
    schedule.ask(SlotRows(Places(TWO, "row-first"), torch.arange(2)))
    assert schedule.arriving.take() is None
    schedule = told(TWO, [16, 7], [0, 1])
    schedule.ask(SlotRows(Places(TWO, "row-first"), torch.arange(2)))
    assert schedule.arriving.take() == [16, 16, 0, 0]


@pytest.mark.parametrize("device", [CPU, CUDA])
def test_all_that_draw_stay_and_with_them_their_twins(device):
    sizes = [num_rows(drawing, device) for drawing in range(300)]
    assert sizes[:5] == [0, 1, 2, 3, 4]
    assert all(size >= drawing for drawing, size in enumerate(sizes))
    assert all(size % 2 == 0 for size in sizes[::2])
    assert sizes == sorted(sizes)


def test_there_are_few_sizes_where_each_needs_a_graph_of_its_own():
    assert {num_rows(drawing, CUDA) for drawing in range(1, 129)} == {
        1, 2, 3, 4, 6, 8, 12, 16, 24, 32, 48, 64, 96, 128,
    }  # fmt: skip
    assert [num_rows(drawing, CUDA) for drawing in (5, 7, 13, 49, 65)] == [6, 8, 16, 64, 96]


def test_on_a_cpu_few_rows_are_exactly_those_that_draw():
    assert [num_rows(drawing, CPU) for drawing in (13, 16, 17, 24, 25)] == [13, 16, 24, 24, 32]
