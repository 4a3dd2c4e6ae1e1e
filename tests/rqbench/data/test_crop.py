"""Mirrors rqbench/data/crop.py."""

import numpy as np
import pytest
import torch
from PIL import Image

from rqbench.config import parse_config
from rqbench.data.crop import FILTERS, Crop, cut
from rqbench.data.images import BadImageError
from rqbench.errors import ConfigError
from rqbench.metrics.libraries import library

NOISE = np.random.default_rng(0)


def noise(width, height):
    return Image.fromarray(NOISE.integers(0, 256, (height, width, 3), dtype=np.uint8))


@pytest.mark.parametrize("name", FILTERS)
@pytest.mark.parametrize("size", [(37, 24), (24, 37), (50, 33), (16, 31), (9, 12), (16, 16)])
def test_the_default_cuts_the_pixels_that_torchvision_cuts(name, size):
    """Resize and CenterCrop are what the authors of RQ and DQ evaluate with."""
    library("torchvision.transforms")  # so that torchvision is mended
    from torchvision.transforms import CenterCrop, Compose, InterpolationMode, Resize

    picture = noise(*size)
    theirs = Compose([Resize(16, InterpolationMode(name)), CenterCrop(16)])(picture)
    ours = cut(picture, Crop(resolution=16, filter=name), "it")
    assert np.array_equal(ours, np.asarray(theirs).transpose(2, 0, 1))


@pytest.mark.parametrize("size", [(37, 24), (50, 33), (9, 12)])
def test_without_antialias_two_pixels_each_way_are_interpolated(size):
    """As torch interpolates, up to the rounding of Pillow's fixed point."""
    picture = noise(*size)
    ours = cut(picture, Crop(resolution=16, antialias=False), "it").astype(float)
    width, height = (16 * side // min(size) for side in size)
    pixels = torch.from_numpy(np.asarray(picture).copy()).permute(2, 0, 1)[None].double()
    whole = torch.nn.functional.interpolate(pixels, (height, width), mode="bilinear")[0].numpy()
    top, left = round((height - 16) / 2), round((width - 16) / 2)
    theirs = whole[:, top : top + 16, left : left + 16]
    assert np.abs(ours - theirs).max() <= 1
    antialiased = cut(picture, Crop(resolution=16), "it").astype(float)
    assert (np.abs(ours - antialiased).max() > 1) == (min(size) > 16)  # they differ when it shrinks


def test_the_centre_is_cut_as_it_is_and_a_smaller_picture_refused():
    picture = noise(20, 18)
    ours = cut(picture, Crop(kind="center", resolution=16), "it")
    assert np.array_equal(ours, np.asarray(picture)[1:17, 2:18].transpose(2, 0, 1))
    with pytest.raises(BadImageError, match=r"small\.png .* 20 x 18 pixels have no centre of 19"):
        cut(picture, Crop(kind="center", resolution=19), "small.png")


def test_a_whole_picture_stays_what_it_is():
    picture = noise(5, 3)
    ours = cut(picture, Crop(kind="whole"), "it")
    assert np.array_equal(ours, np.asarray(picture).transpose(2, 0, 1))


def test_protocols_tell_everything_that_changes_pixels():
    every = [
        Crop(kind=kind, resolution=side, filter=name, antialias=antialias).clauses()
        for kind in ("resize-center", "center")
        for side in (16, 32)
        for name in ("bilinear", "bicubic")
        for antialias in (True, False)
    ]
    told = {tuple(sorted(clauses.items())) for clauses in every}
    assert len(told) == 2 * 2 * 2 + 2  # without resizing neither filter nor antialias matters
    assert Crop(kind="whole").clauses() == {"crop": "whole pictures"}


def test_a_filter_that_is_never_without_antialias_is_refused():
    with pytest.raises(ConfigError, match="'box' is never without antialias"):
        parse_config(Crop, {"filter": "box", "antialias": False}, "crop")
