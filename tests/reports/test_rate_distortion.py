"""Mirrors rqbench_reports/rate_distortion.py."""

from rqbench.api import RunData
from rqbench_reports.rate_distortion import RateDistortion, curve


def test_a_curve_joins_rate_and_distortion_of_the_same_settings(example_run):
    found = curve(example_run.records, "rq-8x8x4", "rate_nominal_bpp", "psnr_db")
    assert [key for key, _, _ in found][:3] == ["depth=1", "depth=2", "depth=3"]
    assert [round(rate.value, 3) for _, rate, _ in found[:2]] == [0.156, 0.312]
    values = [distortion.value for _, _, distortion in found]
    assert values == sorted(values)


def test_a_point_without_a_rate_is_left_out(record):
    records = [record("a", "psnr_db", 1.0, settings={"depth": 1}), record("a", "psnr_db", 2.0)]
    records.append(record("a", "rate_nominal_bpp", 0.5))
    assert [key for key, _, _ in curve(records, "a", "rate_nominal_bpp", "psnr_db")] == [""]


def test_without_rates_nothing_is_drawn(record, tmp_path):
    run = RunData([record("a", "psnr_db", 20.0)], [])
    assert RateDistortion().draw(run, tmp_path).files == []
