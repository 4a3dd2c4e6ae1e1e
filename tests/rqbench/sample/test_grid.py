"""Mirrors rqbench/sample/grid.py."""

import numpy as np
from PIL import Image

from rqbench.sample.grid import shown_places, write_grid


def test_without_classes_eight_stand_in_a_row():
    assert shown_places(10, None) == [[0, 1, 2, 3, 4, 5, 6, 7], [8, 9]]
    assert len(shown_places(10_000, None)) == 16


def test_every_class_has_a_row_of_its_own_images():
    assert shown_places(7, 3) == [[0, 3, 6], [1, 4], [2, 5]]
    assert shown_places(2, 3) == [[0], [1]]


def test_a_class_has_further_rows_where_there_is_room():
    assert shown_places(10, 1) == [[0, 1, 2, 3, 4, 5, 6, 7], [8, 9]]
    assert shown_places(20, 2) == [
        [0, 2, 4, 6, 8, 10, 12, 14], [16, 18], [1, 3, 5, 7, 9, 11, 13, 15], [17, 19],
    ]  # fmt: skip
    assert shown_places(100, 10) == [list(range(which, 80, 10)) for which in range(10)]
    assert len(shown_places(1000, 20)) == 16


def test_pixels_are_enlarged_and_not_smoothed(tmp_path):
    pictures = [np.full((2, 48, 48, 3), value, dtype=np.uint8) for value in (10, 200)]
    write_grid(tmp_path / "a.png", pictures, None)
    write_grid(tmp_path / "b.png", pictures, ["dark", "light"])
    with Image.open(tmp_path / "a.png") as plain, Image.open(tmp_path / "b.png") as titled:
        assert np.unique(np.asarray(plain)).tolist() == [10, 200, 255]
        assert (np.asarray(plain) == 10).sum() == 2 * 96 * 96 * 3
        assert titled.width == plain.width
        assert titled.height > plain.height
