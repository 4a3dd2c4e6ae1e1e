"""Mirrors rqbench/rd/codecs.py."""

import io

import numpy as np
import pytest
from PIL import Image, features

from rqbench.errors import UnsupportedError
from rqbench.rd import installed_codecs
from rqbench.rd.codecs import check_side, decode

ROWS, COLUMNS = np.mgrid[0:256, 0:320]
PIXELS = np.stack([ROWS % 256, COLUMNS % 256, (ROWS + COLUMNS) // 3 % 256]).astype(np.uint8)
NOISE = np.random.default_rng(0).integers(0, 40, PIXELS.shape).astype(np.uint8)
PICTURE = PIXELS // 2 + NOISE
CODECS = {codec.name: codec for codec in installed_codecs()}


def test_codecs_are_those_that_pillow_has():
    names = {"JPEG"} | {name for name in ("WebP", "AVIF") if features.check(name.lower())}
    assert set(CODECS) - {"JPEG XL"} == names


@pytest.mark.parametrize("name", CODECS)
def test_more_quality_costs_more_bits_and_shows_more(name):
    codec = CODECS[name]
    low, high = codec.qualities[1], codec.qualities[-1]
    files = [codec.encode(PICTURE, quality) for quality in (low, high)]
    errors = [np.abs(decode(file).astype(int) - PICTURE).mean() for file in files]
    assert len(files[0]) < len(files[1])
    assert errors[0] > errors[1]
    assert list(codec.qualities) == sorted(set(codec.qualities))


@pytest.mark.parametrize("name", CODECS)
def test_a_file_is_what_its_name_says_with_the_chroma_it_says(name):
    codec = CODECS[name]
    file = codec.encode(PICTURE, codec.qualities[-1])
    with Image.open(io.BytesIO(file)) as picture:
        assert (picture.format, picture.size) == (codec.format, (320, 256))
    # columns of red and blue by turns: halved chroma cannot tell them apart
    stripes = np.zeros((3, 256, 256), dtype=np.uint8)
    stripes[0, :, ::2], stripes[2, :, 1::2] = 255, 255
    red = decode(codec.encode(stripes, codec.qualities[-1]))[0].astype(int)
    contrast = (red[:, ::2] - red[:, 1::2]).mean()
    assert (contrast < 128) == (codec.chroma == "4:2:0")


@pytest.mark.parametrize("name", CODECS)
def test_the_container_is_the_file_of_one_grey(name):
    codec = CODECS[name]
    quality = codec.qualities[2]
    grey = np.full((3, 256, 320), 128, dtype=np.uint8)
    size = codec.container_bytes((320, 256), quality)
    assert size == len(codec.encode(grey, quality))
    assert 0 < size < len(codec.encode(PICTURE, quality))


def test_a_picture_below_256_pixels_is_refused_by_name():
    check_side(PICTURE, "wide.png")
    with pytest.raises(UnsupportedError, match=r"small\.png is measured at 320 x 255 pixels"):
        check_side(PICTURE[:, 1:], "small.png")
