"""Mirrors rqbench/bitstream/decompress.py."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from PIL import Image

from rqbench.bitstream import (
    BitstreamError,
    CutShortError,
    DamagedHeaderError,
    OtherModelError,
    OtherNumericsError,
    TrailingBytesError,
    compress,
    decompress,
    unpack,
)
from rqbench.bitstream.container import pack
from rqbench.bitstream.pictures import to_tiles
from rqbench.plugins import find
from rqbench.sample import SystemEntry, TrainedSystem


def flipped(data, bit):
    damaged = bytearray(data)
    damaged[bit // 8] ^= 1 << bit % 8
    return bytes(damaged)


def test_pictures_come_back_as_the_tokenizer_decodes_them(system, picture, progress):
    coded = compress(system, [picture, picture], progress, class_name="2", block=3)
    found = decompress(system, coded.data, progress)
    pictures = list(found.pictures)
    assert [each.shape for each in pictures] == [(30, 20, 3)] * 2
    assert np.array_equal(*pictures)
    with torch.no_grad():
        first = system.tokenizer.decode(found.codes[0:1])[0]
    assert np.array_equal(
        pictures[0][:16, :16], (first * 255).round().byte().permute(1, 2, 0).numpy()
    )


@pytest.mark.parametrize(
    ("tokenizer", "prior"),
    [
        ("vq", "raster"),
        ("rq", "depth-stacked"),
        ("dq", "coarse-to-fine"),
        ("dq", "raster"),
        ("dq", "dq-transformer"),
    ],
)
def test_each_method_gives_back_its_own_codes(tokenizer, prior, picture, progress):
    images = find("tokenizer", tokenizer).load().tiny().eval()
    codes = find("prior", prior).load().tiny(images.layout(16)).eval()
    for weight in codes.parameters():
        torch.nn.init.normal_(weight, std=0.4)
    sha256 = {"tokenizer": "t", "prior": "p"}
    entry = SystemEntry(tokenizer="", prior="")
    system = TrainedSystem("made here", entry, images, codes, sha256)
    coded = compress(system, [picture], progress)
    found = decompress(system, coded.data, progress)
    tiles = to_tiles(Image.open(picture), "tile", 16, "")
    with torch.no_grad():
        expected = images.encode(tiles.float() / 255)
    assert torch.equal(found.codes.values, expected.values)
    assert 8 * coded.payload_bytes <= 1.01 * coded.pictures[0].likelihood_bits + 8 * len(tiles)
    for bit in range(8 * len(coded.data)):
        with pytest.raises(BitstreamError):
            unpack(flipped(coded.data, bit))


def test_a_squeezed_picture_has_its_true_size_on_request(system, picture, progress):
    coded = compress(system, [picture], progress, fit="resize", class_name="2")
    sizes = [
        next(decompress(system, coded.data, progress, restore).pictures).shape
        for restore in (False, True)
    ]
    assert sizes == [(16, 16, 3), (30, 20, 3)]


def test_streams_that_others_made_give_no_other_codes(system, one, progress):
    """Whoever mends the checksums of a damaged file is stopped by that of the codes."""
    expected = decompress(system, one.data, progress).codes.values
    file = unpack(one.data)
    (picture,) = file.pictures
    (stream,) = picture.streams
    bits, refused = range(0, 8 * len(stream), 3), 0  # each takes a decoding
    for bit in bits:
        forged = replace(picture, streams=(flipped(stream, bit),))
        try:
            found = decompress(system, pack(replace(file, pictures=(forged,))), progress)
        except OtherNumericsError as error:
            assert "computes otherwise" in str(error)
            refused += 1
        else:  # behind the last symbol's interval
            assert torch.equal(found.codes.values, expected)
    assert refused > len(bits) / 2


def test_a_stream_that_fits_no_code_is_told(system, one, progress):
    file = unpack(one.data)
    picture = replace(file.pictures[0], streams=(b"\xff" * 40,))
    with pytest.raises(OtherNumericsError, match="fits no code"):
        decompress(system, pack(replace(file, pictures=(picture,))), progress)


def test_pictures_are_drawn_when_they_are_asked_for(system, picture, progress, monkeypatch):
    coded = compress(system, [picture] * 3, progress, fit="crop", class_name="1")
    drawn, decode = [], system.tokenizer.decode
    monkeypatch.setattr(
        system.tokenizer, "decode", lambda codes: drawn.append(len(codes)) or decode(codes)
    )
    pictures = decompress(system, coded.data, progress).pictures
    assert drawn == []
    next(pictures)
    assert drawn == [1]
    assert len(list(pictures)) == 2


def test_no_byte_can_be_missing_or_one_too_many(system, one, progress):
    for length in range(4, len(one.data)):
        with pytest.raises(CutShortError):
            decompress(system, one.data[:length], progress)
    with pytest.raises(TrailingBytesError):
        decompress(system, one.data + b"\0", progress)


def test_another_model_is_refused_with_both_names(system, one, progress):
    other = replace(system, name="other", weights_sha256={"tokenizer": "0", "prior": "0"})
    with pytest.raises(OtherModelError) as refused:
        decompress(other, one.data, progress)
    assert unpack(one.data).model_id.hex() in str(refused.value)
    assert "'other'" in str(refused.value)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"torch_version": (1, 2, 3)}, "coded by torch 1.2.3 on cpu"),
        ({"device": 1, "capability": 90}, r"on cuda \(compute capability 9.0\)"),
        ({"device": 9}, "on device 9"),
        ({"fingerprint": b"othr"}, "as here, but there it computes otherwise"),
    ],
)
def test_other_numerics_are_refused_and_told(system, one, progress, changes, said):
    file = unpack(one.data)
    elsewhere = replace(file, numerics=replace(file.numerics, **changes))
    with pytest.raises(OtherNumericsError, match=said):
        decompress(system, pack(elsewhere), progress)


@pytest.mark.parametrize(
    "changes",
    [
        {"layout": {"height": 5}},
        {"side": 32},
        {"condition": (3,)},
        {"condition": ()},
        {"condition": (1, 1)},
    ],
)
def test_a_made_up_header_is_refused_before_anything_runs(system, one, progress, changes):
    file = unpack(one.data)
    if "layout" in changes:
        changes = {"layout": replace(file.layout, **changes["layout"])}
    if "condition" in changes:
        changes = {"pictures": (replace(file.pictures[0], **changes),)}
    with pytest.raises(DamagedHeaderError, match="made by something else"):
        decompress(system, pack(replace(file, **changes)), progress)


def test_a_condition_that_was_changed_gives_other_codes(system, one, progress):
    file = unpack(one.data)
    changed = replace(file, pictures=(replace(file.pictures[0], condition=(0,)),))
    with pytest.raises(OtherNumericsError, match="other codes for picture 0"):
        decompress(system, pack(changed), progress)
