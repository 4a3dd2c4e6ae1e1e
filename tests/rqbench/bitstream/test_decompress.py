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
    DamagedPayloadError,
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


def test_pictures_come_back_as_the_tokenizer_decodes_them(system, picture, progress):
    coded = compress(system, [picture, picture], progress, class_name="2", block=3)
    found = decompress(system, coded.data, progress)
    assert [each.shape for each in found.pictures] == [(30, 20, 3)] * 2
    assert np.array_equal(*found.pictures)
    with torch.no_grad():
        first = system.tokenizer.decode(found.codes[0:1])[0]
    assert np.array_equal(
        found.pictures[0][:16, :16], (first * 255).round().byte().permute(1, 2, 0).numpy()
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


def test_a_squeezed_picture_has_its_true_size_on_request(system, picture, progress):
    coded = compress(system, [picture], progress, fit="resize", class_name="2")
    sizes = [
        decompress(system, coded.data, progress, restore).pictures[0].shape
        for restore in (False, True)
    ]
    assert sizes == [(16, 16, 3), (30, 20, 3)]


def test_no_bit_can_flip_unnoticed(system, one, progress):
    expected = decompress(system, one.data, progress).codes.values
    start = len(one.data) - one.payload_bytes
    causes = set()
    for bit in range(8 * len(one.data)):
        damaged = bytearray(one.data)
        damaged[bit // 8] ^= 1 << bit % 8
        try:
            found = decompress(system, bytes(damaged), progress)
        except BitstreamError as error:
            assert isinstance(error, DamagedPayloadError) == (bit // 8 >= start)
            causes.add(type(error))
        else:
            assert bit // 8 >= start  # behind the last symbol's interval
            assert torch.equal(found.codes.values, expected)
    assert {DamagedHeaderError, DamagedPayloadError, CutShortError} <= causes


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
        ({"fingerprint": b"othr"}, "another build of torch"),
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
    with pytest.raises(DamagedPayloadError, match="Picture 0"):
        decompress(system, pack(changed), progress)
