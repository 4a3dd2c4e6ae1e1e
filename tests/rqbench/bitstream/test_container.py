"""Mirrors rqbench/bitstream/container.py."""

import struct
import zlib
from dataclasses import replace

import pytest
import torch

from rqbench.bitstream import (
    Bitstream,
    BitstreamError,
    CodedPicture,
    CutShortError,
    DamagedHeaderError,
    DamagedPayloadError,
    NewerVersionError,
    NotBitstreamError,
    TrailingBytesError,
    unpack,
)
from rqbench.bitstream.container import codes_checksum, pack
from rqbench.bitstream.numerics import Numerics
from rqbench.codes import Codes
from rqbench.errors import UnsupportedError
from rqbench.layout import CodeLayout

LAYOUT = CodeLayout(4, 6, 1, 512, (2, 1))
NUMERICS = Numerics((2, 13, 0), 0, 3, b"prnt")
SMALL = CodedPicture(5, 9, 0xABCD, (7,), (b"xy",))
FILE = Bitstream("crop", b"model id", NUMERICS, 16, LAYOUT, 32, (SMALL,))
BYTES = (
    b"RQB" b"\x01" b"\x01" b"model id" b"\x02\x0d\x00" b"\x00" b"\x03" b"prnt" b"\x10"
    b"\x04\x00" b"\x06\x00" b"\x01" b"\x00\x02\x00\x00" b"\x02\x01\x00\x00"
    b"\x20\x00" b"\x01\x00" b"\x01\x00\x00\x00"
    b"\x05\x00" b"\x09\x00" b"\xcd\xab\x00\x00" b"\x07\x00" b"\x02\x00"
)  # fmt: skip


def sealed(head, streams=b"xy"):
    """A header with the checksums that it should have."""
    head += struct.pack("<I", zlib.crc32(streams))
    return head + struct.pack("<I", zlib.crc32(head)) + streams


def test_the_file_is_what_its_description_says_byte_by_byte():
    assert pack(FILE) == sealed(BYTES)
    assert len(BYTES) + 8 == 64  # the header of one picture with a class


@pytest.mark.parametrize(
    "file",
    [
        FILE,
        replace(FILE, pictures=()),
        replace(FILE, fit="resize", pictures=(replace(SMALL, condition=()),) * 3),
        replace(FILE, fit="tile", side=4, pictures=(replace(SMALL, streams=(b"a", b"") * 3),)),
        replace(FILE, layout=CodeLayout(8, 8, 4, 16384)),
    ],
)
def test_a_file_says_what_was_written(file):
    assert unpack(pack(file)) == file


@pytest.mark.parametrize("data", [b"", b"RQ", b"RQB", b"\x89PNG\r\n\x1a\n", b"rqb" + bytes(100)])
def test_other_files_are_none(data):
    with pytest.raises(NotBitstreamError, match="no file of codes"):
        unpack(data)


def test_a_newer_format_is_told():
    with pytest.raises(NewerVersionError, match="format 2"):
        unpack(b"RQB\x02")


@pytest.mark.parametrize("length", [*range(4, 66)])
def test_a_file_that_was_cut_short_anywhere_says_so(length):
    with pytest.raises(CutShortError, match=f"after {length} bytes"):
        unpack(pack(FILE)[:length])


@pytest.mark.parametrize(
    "file",
    [
        FILE,
        replace(FILE, fit="tile", side=4, pictures=(replace(SMALL, streams=(b"ab", b"") * 3),) * 2),
    ],
)
def test_no_bit_can_flip_unnoticed(file):
    data = pack(file)
    in_streams = 8 * (len(data) - sum(len(part) for each in file.pictures for part in each.streams))
    for bit in range(8 * len(data)):
        damaged = bytearray(data)
        damaged[bit // 8] ^= 1 << bit % 8
        with pytest.raises(DamagedPayloadError if bit >= in_streams else BitstreamError):
            unpack(bytes(damaged))


def test_streams_that_change_places_are_noticed():
    with pytest.raises(DamagedPayloadError, match="streams are not what was written"):
        unpack(pack(FILE)[:-2] + b"yx")


def test_bytes_behind_the_end_are_told():
    with pytest.raises(TrailingBytesError, match="behind its end, by 3 B"):
        unpack(pack(FILE) + b"abc")


@pytest.mark.parametrize(
    ("at", "value"),
    [
        (3, 0),  # no such version
        (4, 3),  # no such fit
        (22, 0),  # blocks of no images
        (27, 0),  # no depth
        (32, 3),  # grains of 3 in a grid of 4 x 6
        (36, 0),  # with what follows: tiles of no side
        (44, 0),  # a picture of no height
    ],
)
def test_a_header_that_means_nothing_is_damaged_whatever_its_checksum(at, value):
    with pytest.raises(DamagedHeaderError):
        unpack(sealed(BYTES[:at] + bytes([value]) + BYTES[at + 1 :]))


def test_a_stream_longer_than_the_layout_allows_is_refused():
    head = BYTES[:-2] + struct.pack("<H", 1000)
    with pytest.raises(DamagedHeaderError):
        unpack(sealed(head, bytes(1000)))


def test_a_picture_larger_than_any_that_is_read_is_refused():
    with pytest.raises(DamagedHeaderError):
        unpack(sealed(BYTES[:44] + b"\xff" * 4 + BYTES[48:]))


def test_a_huge_count_ends_with_the_file():
    with pytest.raises(CutShortError):
        unpack(BYTES[:40] + b"\xff" * 4 + BYTES[44:])
    tiles = bytearray(BYTES)  # 8192 x 8192 tiles of one pixel
    tiles[4], tiles[36], tiles[44:48] = 0, 1, b"\x00\x20" * 2
    with pytest.raises(CutShortError):
        unpack(sealed(bytes(tiles)))


@pytest.mark.parametrize(
    "file",
    [
        replace(FILE, block=256),
        replace(FILE, pictures=(replace(SMALL, width=65536),)),
        replace(FILE, pictures=(replace(SMALL, condition=(65536,)),)),
        replace(FILE, pictures=(replace(SMALL, streams=(bytes(65536),)),)),
        replace(FILE, layout=CodeLayout(16, 16, 1, 8, (16, 8, 4, 2, 1))),
    ],
)
def test_what_has_no_room_is_refused(file):
    with pytest.raises(UnsupportedError, match="no room"):
        pack(file)


def test_the_checksum_sees_values_grains_and_their_order():
    layout = CodeLayout(2, 4, 1, 4, (2, 1))
    values = torch.tensor([[[[1], [1], [2], [2]], [[1], [1], [2], [2]]]])
    sums = {
        codes_checksum(Codes(values, layout, torch.tensor([grains])))
        for grains in ([[0, 0]], [[0, 1]], [[1, 0]])
    }
    sums.add(codes_checksum(Codes(values.flip(2), layout, torch.tensor([[[0, 0]]]))))
    assert len(sums) == 4
    plain = Codes(torch.tensor([[[[1], [258]]]]), CodeLayout(1, 2, 1, 300))
    assert codes_checksum(plain) == zlib.crc32(b"\x01\0\0\0\x02\x01\0\0")
