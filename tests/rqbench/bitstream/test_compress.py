"""Mirrors rqbench/bitstream/compress.py."""

import math

import pytest
import torch

from rqbench.bitstream import compress, decompress, unpack
from rqbench.bitstream.compress import share_past
from rqbench.bitstream.pictures import to_tiles
from rqbench.codes import Codes
from rqbench.data.images import decode
from rqbench.errors import DataError


def test_a_picture_of_one_square_has_a_header_of_64_bytes(one):
    assert one.header_bytes == 64
    (picture,) = one.pictures
    assert len(one.data) == 64 + picture.payload_bytes
    assert (picture.height, picture.width, picture.pixels) == (30, 20, 256)
    assert picture.header_bytes == 12
    assert picture.payload_bpp == 8 * picture.payload_bytes / 256


def test_a_payload_is_its_likelihood_rounded_up(system, one):
    (picture,) = one.pictures
    assert -8 < 8 * picture.payload_bytes - picture.likelihood_bits < 8.01
    expected = 8 * picture.payload_bytes / picture.likelihood_bits - 1
    assert picture.overhead == pytest.approx(expected, rel=1e-9)
    assert one.overhead == picture.overhead


def test_pictures_of_one_file_share_its_header(system, picture, progress):
    coded = compress(system, [picture, picture], progress, class_name="0", block=4)
    file = unpack(coded.data)
    assert (file.fit, file.block, file.side, len(file.pictures)) == ("tile", 4, 16, 2)
    assert all(len(each.streams) == 2 * 2 for each in file.pictures)
    assert [each.header_bytes for each in coded.pictures] == [18, 18]  # four tiles each
    assert coded.header_bytes == 52 + 2 * 18
    assert coded.payload_bytes == sum(each.payload_bytes for each in coded.pictures)
    assert coded.pictures[0].pixels == 30 * 20


def test_a_likelihood_of_nothing_needs_no_payload():
    assert share_past(0, 0.0) == 0
    assert share_past(1, 0.0) == math.inf
    assert share_past(2, 10.0) == pytest.approx(0.6)


def test_a_file_that_is_no_picture_is_named(system, tmp_path, progress):
    (tmp_path / "text.png").write_text("no picture")
    with pytest.raises(DataError, match=r"text\.png cannot be compressed: it is not an image"):
        compress(system, [tmp_path / "text.png"], progress, class_name="0")


def test_codes_are_those_of_the_tokenizer(system, picture, progress):
    tiles = to_tiles(decode(picture.read_bytes(), ""), "tile", 16, "")
    with torch.no_grad():
        expected: Codes = system.tokenizer.encode(tiles.float() / 255)
    coded = compress(system, [picture], progress, class_name="0")
    assert torch.equal(decompress(system, coded.data, progress).codes.values, expected.values)
