"""Mirrors rqbench/rd/curves.py."""

import pytest

from rqbench.errors import ConfigError
from rqbench.rd import find_curves
from rqbench.rd.curves import CODEC_FILES, curve_called, joined, records_of


def point(record, name, bpp, db, **settings):
    return [
        record(name, "rate_nominal_bpp", bpp, settings=settings),
        record(name, "psnr_db", db, settings=settings),
    ]


def found(records, rate="rate_nominal_bpp", distortion="psnr_db"):
    """By curve, (settings, rate, distortion) of its points."""
    return {
        curve.name: [(dict(p.settings), p.rate.value, p.distortion.value) for p in curve.points]
        for curve in find_curves(records, rate, distortion)
    }


def test_points_of_equal_settings_make_a_curve_by_rising_rate(record):
    records = [*point(record, "rq", 0.5, 28.0), *point(record, "rq", 0.25, 25.0, depth=1)]
    records += [record("rq", "psnr_db", 20.0, settings={"depth": 3})]  # no rate
    records += [record("rq", "psnr_db", 19.0)]  # of training crops, which come later
    assert found(records) == {"rq": [({"depth": 1}, 0.25, 25.0), ({}, 0.5, 28.0)]}


def test_settings_of_how_a_distortion_was_measured_do_not_matter(record):
    records = point(record, "vq", 0.5, 28.0)
    records += [record("vq", "rfd_effnetlite0", 7.0, settings={"n_reference": 200})]
    assert found(records, distortion="rfd_effnetlite0") == {"vq": [({}, 0.5, 7.0)]}


def test_one_rate_goes_with_the_distortion_as_trained_wherever_that_stands(record):
    records = [*point(record, "rq", 0.25, 25.0, depth=1), *point(record, "rq", 0.5, 28.0)]
    records += [record("rq", "operations_per_image", 9.0), record("rq", "psnr_db", 19.0)]
    assert found(records, "operations_per_image") == {"rq": [({}, 9.0, 28.0)]}


def test_a_system_has_the_distortion_of_its_tokenizer(record):
    records = point(record, "vq", 0.5, 28.0)
    records += [record("vq + raster", "rate_prior_bpp", 0.3)]
    assert found(records, "rate_prior_bpp") == {"vq + raster": [({}, 0.3, 28.0)]}


def test_a_codec_stands_beside_every_rate_with_that_of_its_files(record):
    records = point(record, "vq", 0.5, 28.0)
    quality = {"settings": {"quality": 50}}
    records += [
        record("JPEG", "rate_coded_bpp", 0.9, protocol=CODEC_FILES, **quality),
        record("JPEG", "container_bytes", 623.0, protocol=CODEC_FILES, **quality),
        record("JPEG", "psnr_db", 32.0, **quality),
    ]
    for rate in ("rate_nominal_bpp", "rate_coded_bpp"):
        assert found(records, rate)["JPEG"] == [({"quality": 50}, 0.9, 32.0)]
    vq, jpeg = find_curves(records, "rate_nominal_bpp", "psnr_db")
    assert (vq.is_codec, jpeg.is_codec) == (False, True)
    assert (vq.points[0].container, jpeg.points[0].container.value) == (None, 623.0)


def test_a_point_that_stands_twice_counts_once(record):
    records = [*point(record, "rq", 0.5, 28.0), *point(record, "rq", 0.5, 28.0, depth=4)]
    records += point(record, "rq", 0.25, 25.0, depth=2)
    (curve,) = find_curves(records, "rate_nominal_bpp", "psnr_db")
    assert len(curve.points) == 3
    assert curve.line().rates_bpp.tolist() == [0.25, 0.5]
    assert curve.line().distortions.tolist() == [25.0, 28.0]


def test_joined_curves_are_one_and_say_whose_each_point_was(record):
    records = [*point(record, "fine", 0.5, 28.0), *point(record, "rq", 0.3, 26.0)]
    records += point(record, "coarse", 0.1, 22.0)
    curves = joined(find_curves(records, "rate_nominal_bpp", "psnr_db"), "vq", ["fine", "coarse"])
    assert [curve.name for curve in curves] == ["vq", "rq"]
    assert [dict(each.settings) for each in curves[0].points] == [{"of": "coarse"}, {"of": "fine"}]
    again = find_curves(records_of(curves), "rate_nominal_bpp", "psnr_db")
    assert [curve.name for curve in again] == ["vq", "rq"]
    assert again[0].line().rates_bpp.tolist() == [0.1, 0.5]


def test_names_that_do_not_fit_are_refused(record):
    curves = find_curves(
        [*point(record, "vq", 0.5, 28.0), *point(record, "rq", 0.3, 26.0)],
        "rate_nominal_bpp", "psnr_db",
    )  # fmt: skip
    with pytest.raises(ConfigError, match=r"'vqq'\. Did you mean 'vq'"):
        curve_called(curves, "vqq")
    with pytest.raises(ConfigError, match="called 'rq' already"):
        joined(curves, "rq", ["vq"])
