"""Mirrors rqbench/data/strips.py."""

import numpy as np
import pytest
from PIL import Image

from rqbench.data.strips import GUARD_PX, Box, fit_shorter_side, level_sizes, split_photo

SIDES = ("left", "right", "top", "bottom")


def covered(box, width, height):
    """Which source pixels a box holds, painted one by one."""
    mask = np.zeros((height, width), dtype=bool)
    mask[box.top : box.bottom, box.left : box.right] = True
    return mask


@pytest.mark.parametrize("side", SIDES)
@pytest.mark.parametrize("resolution", [16, 64, 256])
def test_no_pixel_lies_in_both_parts_and_the_guard_lies_between(side, resolution):
    width, height = 400, 300
    training, held_out = (
        covered(b, width, height) for b in split_photo(width, height, side, resolution)
    )
    assert training.any() and held_out.any()
    assert not (training & held_out).any()
    neither = ~(training | held_out)
    assert neither.any(axis=0 if side in ("left", "right") else 1).sum() == GUARD_PX


def test_a_strip_is_a_quarter_of_the_photograph():
    assert split_photo(400, 300, "left", 64) == (Box(124, 0, 400, 300), Box(0, 0, 100, 300))
    assert split_photo(400, 300, "bottom", 64) == (Box(0, 0, 400, 201), Box(0, 225, 400, 300))


def test_a_strip_grows_for_large_crops_but_never_past_half():
    assert split_photo(400, 300, "right", 150)[1] == Box(250, 0, 400, 300)
    training, held_out = split_photo(400, 300, "right", 300)
    assert training.size == held_out.size == (188, 300)


def test_only_scales_at_which_a_crop_fits_are_used():
    assert level_sizes((200, 130), (1.0, 2.0, 3.0), 64) == [(200, 130), (100, 65)]


def test_where_no_scale_fits_the_shorter_side_becomes_the_resolution():
    assert level_sizes((50, 100), (1.0, 2.0), 64) == [(64, 128)]
    assert level_sizes((200, 100), (10.0,), 50) == [(100, 50)]


def test_a_shrunken_shape_never_falls_below_the_resolution():
    assert all(
        min(fit_shorter_side((width, height), 37)) == 37
        for width in range(10, 90, 7)
        for height in range(10, 90, 11)
    )


def test_cutting_before_resizing_keeps_the_other_part_out():
    photo = np.zeros((64, 256, 3), dtype=np.uint8)
    training, _ = split_photo(256, 64, "left", 16)
    photo[:, : training.left] = 255  # everything that is not for training is white
    part = Image.fromarray(photo).crop(training.edges)
    assert np.asarray(part.resize((40, 13), Image.Resampling.LANCZOS)).max() == 0
