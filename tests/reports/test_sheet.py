"""Mirrors rqbench_reports/sheet.py."""

import numpy as np
from PIL import Image

from rqbench_reports.sheet import Strip, enlarge, scale_for, write_sheet


def test_each_pixel_becomes_a_square():
    one = np.array([[[[1, 2, 3], [4, 5, 6]]]], dtype=np.uint8)
    assert enlarge(one, 2)[0, :, :, 0].tolist() == [[1, 1, 4, 4], [1, 1, 4, 4]]


def test_small_pictures_are_enlarged_by_whole_factors():
    assert [scale_for(side) for side in (32, 64, 128, 256)] == [6, 3, 2, 1]


def test_every_picture_stands_on_the_sheet_unchanged(tmp_path):
    red = np.zeros((3, 10, 10, 3), dtype=np.uint8)
    red[..., 0] = 200
    small = Strip("b", "", red[:1, :4, :4])
    sheet = np.asarray(
        Image.open(write_sheet(tmp_path / "s.png", "T", [Strip("a", "c\nd", red), small]))
    )
    assert (sheet == (200, 0, 0)).all(axis=-1).sum() == 3 * 100 + 16
