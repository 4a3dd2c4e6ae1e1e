"""Mirrors rqbench/data/spread.py."""

import numpy as np
import pytest
from numpy.lib.stride_tricks import sliding_window_view

from rqbench.data.spread import FLAT, choose_places, contrast, open_places, share_out


def test_contrast_is_the_largest_deviation_of_a_channel():
    crop = np.zeros((3, 16, 16), dtype=np.uint8)
    crop[0] = 200  # a colour is no contrast
    assert contrast(crop, 16) == 0
    crop[1, :8] = 20  # half 20, half 0
    assert contrast(crop, 16) == 10


def test_flat_ground_has_no_open_places():
    picture = np.zeros((3, 16, 40), dtype=np.uint8)
    picture[:, ::2, 20:] = 100
    grid = open_places(picture, 16)
    assert grid.shape == (1, 13)
    by_hand = [picture[:, :, left : left + 16].std(axis=(1, 2)).max() for left in range(0, 25, 2)]
    assert grid[0].tolist() == [deviation >= FLAT for deviation in by_hand]
    assert not grid[0, 0] and grid[0, -1]


@pytest.mark.parametrize("resolution", [8, 24, 32, 40, 64])
def test_open_places_are_those_whose_crop_has_contrast(resolution):
    noise = np.random.default_rng(0).integers(0, 9, (3, 150, 150))
    picture = (noise * np.linspace(0, 1, 150)).astype(np.uint8)  # flat at the left
    crops = sliding_window_view(picture, (resolution, resolution), axis=(1, 2))
    step = resolution // 8
    expected = contrast(crops[:, ::step, ::step], resolution) >= FLAT
    assert 0 < expected.mean() < 1
    assert np.array_equal(open_places(picture, resolution), expected)


def test_places_stand_side_by_side_while_there_is_room():
    grid = np.ones((9, 25), dtype=bool)  # 32 by 64 pixels of 16 by 16 crops: 2 by 4 side by side
    assert choose_places(grid, 8, 16) == [
        (top, left) for top in (0, 16) for left in (0, 16, 32, 48)
    ]
    assert choose_places(grid, 2, 16) == [(0, 0), (16, 0)]
    assert len(set(choose_places(grid, 9, 16))) == 9
    assert len(set(choose_places(grid, grid.size, 16))) == grid.size


def test_shares_are_even_as_far_as_there_is_room():
    assert share_out(7, [9, 9, 9]) == [3, 2, 2]
    assert share_out(7, [1, 9, 9]) == [1, 3, 3]
    assert share_out(7, [0, 2, 3]) == [0, 2, 3]
