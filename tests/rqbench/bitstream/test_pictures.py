"""Mirrors rqbench/bitstream/pictures.py."""

import numpy as np
import pytest
import torch
from PIL import Image

from rqbench.bitstream.pictures import from_tiles, num_pixels, num_tiles, to_tiles


@pytest.fixture
def ramp():
    """5 x 3 pixels, each of its own colour: red the row, green the column."""
    rows, columns = np.mgrid[:5, :3]
    return Image.fromarray(np.stack([rows, columns, 0 * rows], axis=-1).astype(np.uint8))


def test_tiles_stand_in_raster_order_and_repeat_the_edge(ramp):
    tiles = to_tiles(ramp, "tile", 2, "ramp")
    assert tiles.shape == (6, 3, 2, 2)
    assert tiles[1, 0].tolist() == [[0, 0], [1, 1]]  # rows
    assert tiles[1, 1].tolist() == [[2, 2], [2, 2]]  # columns 2, and 2 again
    assert tiles[4, 0].tolist() == [[4, 4], [4, 4]]


@pytest.mark.parametrize(("height", "width"), [(5, 3), (1, 1), (4, 4), (7, 2), (16, 9)])
def test_tiles_give_back_the_picture_exactly(height, width):
    pixels = np.random.default_rng(0).integers(0, 256, (height, width, 3), dtype=np.uint8)
    tiles = to_tiles(Image.fromarray(pixels), "tile", 4, "noise")
    assert len(tiles) == num_tiles("tile", height, width, 4)
    assert np.array_equal(from_tiles(tiles, "tile", height, width, False), pixels)


def test_a_crop_is_the_centre_after_the_shorter_side_was_resized(ramp):
    tiles = to_tiles(ramp, "crop", 3, "ramp")
    assert tiles.shape == (1, 3, 3, 3)
    assert tiles[0, 0].tolist() == [[1] * 3, [2] * 3, [3] * 3]
    assert from_tiles(tiles, "crop", 5, 3, True).shape == (3, 3, 3)


def test_a_squeezed_picture_is_stretched_back_on_request(ramp):
    tiles = to_tiles(ramp, "resize", 4, "ramp")
    assert tiles.shape == (1, 3, 4, 4)
    assert from_tiles(tiles, "resize", 5, 3, False).shape == (4, 4, 3)
    assert from_tiles(tiles, "resize", 5, 3, True).shape == (5, 3, 3)
    flat = torch.full((1, 3, 4, 4), 7, dtype=torch.uint8)
    assert (from_tiles(flat, "resize", 5, 3, True) == 7).all()


@pytest.mark.parametrize(
    ("fit", "tiles", "pixels"), [("tile", 6, 15), ("crop", 1, 4), ("resize", 1, 15)]
)
def test_what_is_coded_is_counted(fit, tiles, pixels):
    assert num_tiles(fit, 5, 3, 2) == tiles
    assert num_pixels(fit, 5, 3, 2) == pixels
