"""Mirrors rqbench/rd/same_images.py."""

import pytest

from rqbench.pooling import pool
from rqbench.rd import compare_curves, find_curves
from rqbench.rd.curves import CODEC_FILES
from rqbench.rd.same_images import on_same_images, over_images_of
from rqbench.resampling import mean_interval

NAMES = ["p", "p", "q", "q"]


def test_a_mean_becomes_that_of_the_images(record):
    psnr = record("vq", "psnr_db", [20.0, 22.0, 30.0, 34.0], clusters=NAMES)
    coded = record("vq", "rate_coded_bpp", [0.5, 0.7], clusters=["p", "q"], images=[1, 2])
    found = over_images_of(coded, psnr)
    assert (found.value, found.raw, found.clusters, found.n) == (26.0, [22.0, 30.0], ["p", "q"], 2)
    assert found.images == [1, 2]
    alone = mean_interval([22.0, 30.0], ["p", "q"])
    assert found.ci95 == (alone.low, alone.high)
    assert found.protocol_hash == psnr.protocol_hash


@pytest.mark.parametrize(
    "told",
    [
        {"values": 3.0, "replicates": [2.0, 4.0]},  # a score of the set
        {"values": [1.0, 2.0], "images": [0, 3]},  # undefined for others
        {"values": [1.0]},  # of fewer pictures than these
        {"values": [1.0, 2.0], "data": "other"},
        {"values": [1.0, 2.0], "clusters": ["x", "y"]},
    ],
)
def test_what_cannot_be_taken_apart_or_is_of_other_pictures_stays(record, told):
    found = record("vq", "psnr_db", told.pop("values"), **told)
    coded = record("vq", "rate_coded_bpp", [0.5, 0.7], images=[0, 1])
    assert over_images_of(coded, found) is found


def test_the_spread_of_seeds_stays_in_the_interval(record):
    means = [10.0, 30.0]
    pooled, *_ = pool(
        record("vq", "psnr_db", [mean - 1, mean + 1, mean], seed=seed)
        for seed, mean in enumerate(means)
    )
    coded = record("vq", "rate_coded_bpp", [0.5, 0.7], clusters=["0", "2"], images=[0, 2])
    found = over_images_of(coded, pooled)
    assert found.value == 19.5
    alone = over_images_of(coded, record("vq", "psnr_db", [19.0, 21.0, 20.0]))
    assert found.image_ci95 == pytest.approx(alone.ci95)
    seeds = 12.7062 * 10  # Student's t of two seeds, standard error of the mean of 10 and 30
    assert found.ci95[1] - found.value >= seeds
    assert found.seed_values == {0: 10.0, 1: 30.0}


def coded_and_whole(record):
    """Two systems of three operating points and a codec; of five images three were coded."""
    records = []
    for system, shift in (("a", 0.0), ("b", 0.2), ("JPEG", 0.4)):
        for depth in (1, 2, 3):
            at = {"settings": {"depth": depth}}
            rates = [depth + shift + 0.1 * depth * image for image in range(5)]
            coded = {"clusters": ["0", "2", "4"], "images": [0, 2, 4], **at}
            if system == "JPEG":
                records.append(record(system, "rate_coded_bpp", rates, protocol=CODEC_FILES, **at))
            else:
                records.append(record(system, "rate_coded_bpp", rates[::2], **coded))
            psnr = [20.0 + 3 * depth + image**2 for image in range(5)]
            records.append(record(system, "psnr_db", psnr, **at))
    return find_curves(records, "rate_coded_bpp", "psnr_db")


def test_all_curves_over_coded_rates_are_of_the_images_that_were_coded(record):
    found = on_same_images(coded_and_whole(record))
    assert [curve.name for curve in found] == ["a", "b", "JPEG"]
    for curve in found:
        first = curve.points[0]
        assert first.rate.images == first.distortion.images == [0, 2, 4]
        assert first.distortion.raw == [23.0, 27.0, 39.0]
    assert found[2].points[0].rate.raw == pytest.approx([1.4, 1.6, 1.8])
    compared = compare_curves(found[2], found[1], "pchip")
    assert compared.rate.bd.value < 0 and compared.rate.ci95 is not None


def test_where_no_rate_says_which_images_or_not_all_the_same_nothing_changes(record):
    whole = find_curves(
        [record("a", "rate_prior_bpp", [1.0, 2.0]), record("a", "psnr_db", [5.0, 6.0])],
        "rate_prior_bpp", "psnr_db",
    )  # fmt: skip
    assert on_same_images(whole) == whole
    curves = coded_and_whole(record)
    curves[0].points[0].rate.images[:] = [0, 1, 2]
    assert on_same_images(curves) == curves
