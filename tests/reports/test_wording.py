"""Mirrors rqbench_reports/wording.py."""

import math

import pytest

from rqbench_reports.wording import axis_label, decimals, extractor_of, number, significant, wording


@pytest.mark.parametrize(
    ("metric", "title", "extractor"),
    [
        ("psnr_db", "PSNR", None),
        ("fid", "FID", "Inception"),
        ("rfid", "rFID", "Inception"),
        ("inception_score", "IS", "Inception"),
        ("rinception_score", "rIS", "Inception"),
        ("fd_effnetlite0", "FD", "effnetlite0"),
        ("rkid_effnetlite0", "rKID", "effnetlite0"),
        ("ris_effnetlite0", "rIS", "effnetlite0"),
        ("fid_infinity", "FID∞", "Inception"),
        ("fd_infinity_effnetlite0", "FD∞", "effnetlite0"),
        ("rfd_inception-v3-compat@1a2b3c4d", "rFD", "inception-v3-compat@1a2b3c4d"),
        ("recall", "recall", "Inception"),
        ("recall_effnetlite0", "recall", "effnetlite0"),
        ("rprecision_effnetlite0", "rprecision", "effnetlite0"),
        ("rate_nominal_bpp", "nominal", None),
        ("somebodys_own", "somebodys_own", None),
    ],
)
def test_a_metric_is_called_by_what_measured_it(metric, title, extractor):
    assert wording(metric).title == title
    assert extractor_of(metric) == extractor


def test_a_score_of_another_extractor_is_never_called_fid():
    assert "FID" not in axis_label("fd_effnetlite0")
    assert axis_label("fd_effnetlite0", False) == "FD (effnetlite0) ↓"


def test_what_is_rounded_to_zero_has_no_sign():
    assert [number(value, 2) for value in (-0.004, -0.006, -0.0)] == ["0.00", "-0.01", "0.00"]


def test_a_column_keeps_three_digits_of_its_largest_number():
    assert decimals("fid", [0.0123, 0.0345]) == 4
    assert decimals("fid", [3.2, 14.9]) == 1
    assert decimals("fid", [1234.0]) == 0
    assert decimals("psnr_db", [23.4567]) == 2
    assert decimals("fid", [math.inf]) == 0


def test_thousands_are_set_apart():
    assert number(12345.6, 1) == "12,345.6"
    assert number(-math.inf, 2) == "-∞"


@pytest.mark.parametrize(
    ("value", "told"),
    [(0.01234, "0.0123"), (5.0, "5"), (999.4, "999"), (999.6, "1,000"), (1063.0, "1,060"),
     (1234567.0, "1,230,000")],
)  # fmt: skip
def test_three_digits_are_written_out_whatever_the_size(value, told):
    assert significant(value) == told
