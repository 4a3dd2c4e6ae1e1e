"""Mirrors rqbench/rd/same_images.py."""

import pytest

from rqbench.rd import compare_curves, find_curves
from rqbench.rd.same_images import over_images_of

NAMES = ["p", "p", "q", "q"]


def test_the_distortion_is_that_of_the_images_whose_rate_is_known(record):
    psnr = record("vq", "psnr_db", [20.0, 22.0, 30.0, 34.0], clusters=NAMES)
    coded = record("vq", "rate_coded_bpp", [0.5, 0.7], clusters=["p", "q"], images=[1, 2])
    found = over_images_of(coded, psnr)
    assert (found.value, found.raw, found.clusters, found.n) == (26.0, [22.0, 30.0], ["p", "q"], 2)
    assert found.images == [1, 2]
    assert found.ci95[0] < 26 < found.ci95[1]
    assert found.protocol_hash == psnr.protocol_hash


@pytest.mark.parametrize(
    ("distortion", "rate"),
    [
        ({"values": [1.0, 2.0]}, {}),
        ({"values": 3.0, "replicates": [2.0, 4.0]}, {"images": [0, 1]}),  # a score of the set
        ({"values": [1.0, 2.0], "images": [0, 3]}, {"images": [0, 1]}),  # undefined for others
    ],
)
def test_what_cannot_be_taken_apart_or_need_not_stays(record, distortion, rate):
    values = distortion.pop("values")
    found = record("vq", "psnr_db", values, **distortion)
    assert over_images_of(record("vq", "rate_coded_bpp", [0.5, 0.7], **rate), found) is found


def test_curves_over_coded_rates_have_intervals(record):
    """Two systems of three operating points; of five images three were coded."""
    records = []
    for system, shift in (("a", 0.0), ("b", 0.2)):
        for depth in (1, 2, 3):
            at = {"settings": {"depth": depth}}
            rates = [depth + shift, depth + 0.1 * depth + shift, depth + 0.3 + shift]
            psnr = [20.0 + 3 * depth + image for image in range(5)]
            records.append(record(system, "rate_coded_bpp", rates, images=[0, 2, 4], **at))
            records[-1].clusters[:] = ["0", "2", "4"]
            records.append(record(system, "psnr_db", psnr, **at))
    first, second = find_curves(records, "rate_coded_bpp", "psnr_db")
    assert [point.distortion.n for point in first.points] == [3, 3, 3]
    compared = compare_curves(first, second, "pchip")
    assert compared.rate.bd.value > 0 and compared.rate.ci95 is not None
