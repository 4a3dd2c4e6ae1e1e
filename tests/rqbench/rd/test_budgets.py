"""Mirrors rqbench/rd/budgets.py."""

import pytest

from rqbench.errors import ConfigError
from rqbench.rd import find_curves
from rqbench.rd.budgets import with_budget
from rqbench.rd.curves import CODEC_FILES


def test_operations_are_two_a_multiply_add(record):
    records, name = with_budget([record("vq", "macs", 3e6)], "flops", "psnr_db")
    assert [each.value for each in records if each.metric == name] == [6e6]


def test_seconds_an_image_are_those_of_the_largest_batch(record):
    records = [
        record("vq + raster", "sampling_images_per_s", 1 / seconds, settings={"batch": batch})
        for batch, seconds in ((2, 0.5), (8, 0.125), (4, 0.25))
    ]
    records += [record("vq + raster", "fd_x", 9.0, settings={"n_reference": 4})]
    found, name = with_budget(records, "seconds", "fd_x")
    (curve,) = find_curves(found, name, "fd_x")
    assert [(p.rate.value, p.distortion.value) for p in curve.points] == [(0.125, 9.0)]


def test_codes_are_those_of_each_operating_point(record):
    records = [record("rq", "codes_per_image", 16 * d, settings={"depth": d}) for d in (1, 2)]
    records += [record("rq", "psnr_db", 20.0 + d, settings={"depth": d}) for d in (1, 2)]
    found, name = with_budget(records, "codes", "psnr_db")
    (curve,) = find_curves(found, name, "psnr_db")
    assert curve.line().rates_bpp.tolist() == [16, 32]


def test_a_codec_has_none_of_these_budgets(record):
    codec = record("JPEG", "rate_coded_bpp", 1.0, protocol=CODEC_FILES, settings={"quality": 5})
    records = [codec, record("JPEG", "psnr_db", 30.0, settings={"quality": 5})]
    records += [record("vq", "codes_per_image", 64.0), record("vq", "psnr_db", 20.0)]
    found, name = with_budget(records, "codes", "psnr_db")
    assert [curve.name for curve in find_curves(found, name, "psnr_db")] == ["vq"]


def test_samples_at_the_codes_of_their_tokenizer(record):
    records = [record("vq", "codes_per_image", 64.0), record("vq + raster", "fd_x", 9.0)]
    found, name = with_budget(records, "codes", "fd_x")
    (curve,) = find_curves(found, name, "fd_x")
    assert (curve.name, curve.points[0].rate.value) == ("vq + raster", 64)


def test_a_budget_without_records_is_refused(record):
    with pytest.raises(ConfigError, match="--match seconds reads sampling_images_per_s"):
        with_budget([record("vq", "psnr_db", 20.0)], "seconds", "psnr_db")
    with pytest.raises(ConfigError, match="no record tells the operations of sampling"):
        with_budget([record("vq", "macs", 3e6)], "flops", "fd_effnetlite0")
