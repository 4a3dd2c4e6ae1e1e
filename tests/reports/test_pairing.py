"""Mirrors rqbench_reports/pairing.py."""

import pytest

from rqbench_reports.pairing import compare, line_between, main_terms

RAW = [20.0, 22.0, 24.0, 26.0, 28.0, 30.0]


def test_a_steady_gain_on_the_same_images_is_decided(record):
    better = record("a", "psnr_db", 25.5, raw=[value + 0.5 for value in RAW])
    compared = compare(better, record("b", "psnr_db", 25.0, raw=RAW))
    assert compared.amount == pytest.approx(0.5)
    assert compared.decided
    assert compared.basis == "paired, n = 6"
    assert compared.verdict(True) == "better"
    assert compared.verdict(False) == "worse"
    assert compared.verdict(None) == "undecided"


def test_gains_and_losses_that_cancel_are_undecided(record):
    mixed = [value + sign for value, sign in zip(RAW, (1, -1, 1, -1, 1, -1), strict=True)]
    compared = compare(
        record("a", "psnr_db", 25.0, raw=mixed), record("b", "psnr_db", 25.0, raw=RAW)
    )
    assert compared.low < 0 < compared.high
    assert compared.verdict(True) == "undecided"


def test_images_of_one_cluster_count_as_one(record):
    facts = {"clusters": ["cat", "cat", "cat", "cup", "cup", "cup"]}
    one_gains = record(
        "a", "psnr_db", 26.5, raw=[v + 3 * (i < 3) for i, v in enumerate(RAW)], **facts
    )
    compared = compare(one_gains, record("b", "psnr_db", 25.0, raw=RAW, **facts))
    assert compared.basis == "paired, n = 6 in 2 clusters"
    assert not compared.decided


def test_timings_are_compared_by_the_ratio_of_their_medians(record):
    fast = record("a", "sampling_images_per_s", 30.0, raw=[28.0, 30.0, 36.0])
    slow = record("b", "sampling_images_per_s", 10.0, raw=[10.0, 10.0, 9.0])
    compared = compare(fast, slow)
    assert (compared.amount, compared.low, compared.high) == pytest.approx((3.0, 2.8, 4.0))
    assert compared.is_ratio
    assert compared.verdict(True) == "better"
    assert compare(slow, fast).verdict(True) == "worse"


def test_one_repeat_that_disagrees_leaves_a_timing_undecided(record):
    mixed = record("a", "training_s", 10.0, raw=[9.0, 10.0, 11.0])
    steady = record("b", "training_s", 10.5, raw=[10.5, 10.5, 10.5])
    assert compare(mixed, steady).verdict(False) == "undecided"


def test_scores_of_sets_are_decided_only_where_their_intervals_part(record):
    low = record("a", "fid", 10.0, ci95=(9.0, 11.0))
    touching = record("b", "fid", 12.5, ci95=(10.5, 14.5))
    apart = record("c", "fid", 15.0, ci95=(14.0, 16.0))
    assert compare(low, touching).verdict(False) == "undecided"
    assert compare(low, apart).verdict(False) == "better"
    assert "no paired interval" in compare(low, apart).basis


def test_other_protocols_splits_and_machines_are_not_comparable(record):
    own = record("a", "psnr_db", 25.0, raw=RAW)
    for change in ({"protocol_hash": "other"}, {"split": "test"}, {"data": "faces"}):
        compared = compare(own, record("b", "psnr_db", 10.0, raw=[1.0] * 6, **change))
        assert not compared.decided
        assert "not comparable" in compared.basis
    ours = record("a", "training_s", 1.0, raw=[1.0])
    theirs = record("b", "training_s", 2.0, raw=[2.0], environment="gpu7")
    assert "not comparable" in compare(ours, theirs).basis
    assert compare(
        record("a", "macs", 1.0), record("b", "macs", 1.0, environment="gpu7")
    ).basis == ("no paired interval")


def test_the_line_between_two_systems_is_drawn_image_by_image(record):
    low = record("coarse", "psnr_db", 20.0, raw=[18.0, 22.0])
    high = record("fine", "psnr_db", 26.0, raw=[26.0, 26.0])
    line = line_between(low, high, 0.25, "line")
    assert line.raw == [20.0, 23.0]
    assert line.value == 21.5
    assert line.ci95 is None


def test_main_terms_are_those_of_most_records(record):
    records = [record("a", "fid", 1.0, protocol_hash="x"), None]
    records += [record(name, "fid", 1.0) for name in "bc"]
    assert main_terms(records)[1] == "3f9a1c07be21"
    assert main_terms([None]) == ()


def test_single_readings_of_clock_and_memory_decide_nothing(record):
    for metric in ("training_s", "peak_memory_bytes"):
        compared = compare(record("a", metric, 10.0), record("b", metric, 20.0))
        assert (compared.amount, compared.decided) == (0.5, False)
        assert compared.basis == "ratio of single readings"
