"""Mirrors rqbench_reports/arithmetic.py."""

from math import log

import pytest

from rqbench_reports.arithmetic import line_between, logarithm, minus

SEEDS = {"seed_values": {0: 5.0, 1: 7.0}}


def test_a_difference_pairs_images_clusters_and_seeds(record):
    ours = record("a", "psnr_db", 6.0, raw=[4.0, 8.0], clusters=["x", "y"], **SEEDS)
    theirs = record(
        "b", "psnr_db", 5.0, raw=[5.0, 5.0], clusters=["x", "y"], seed_values={0: 4.0, 1: 6.5}
    )
    apart = minus(ours, theirs)
    assert (apart.value, apart.raw, apart.clusters) == (1.0, [-1.0, 3.0], ["x", "y"])
    assert apart.seed_values == {0: 1.0, 1: 0.5}


def test_what_is_not_of_the_same_images_or_seeds_does_not_pair(record):
    ours = record("a", "psnr_db", 6.0, raw=[4.0, 8.0], clusters=["x", "y"], **SEEDS)
    for change in ({"raw": [1.0, 2.0, 3.0]}, {"clusters": ["x", "x"]}):
        facts = {"raw": [1.0, 2.0], "clusters": ["x", "y"], **change}
        assert minus(ours, record("b", "psnr_db", 1.5, **facts)).raw is None
    assert (
        minus(ours, record("b", "psnr_db", 1.5, seed_values={0: 1.0, 2: 2.0})).seed_values is None
    )


def test_replicates_pair_only_where_they_leave_out_the_same_named_clusters(record):
    named = {"replicates": [1.0, 2.0], "clusters": ["x", "y"]}
    assert minus(record("a", "rfid", 1.0, **named), record("b", "rfid", 1.0, **named)).replicates
    blocks = {"replicates": [1.0, 2.0]}
    apart = minus(record("a", "fid", 1.0, **blocks), record("b", "fid", 1.0, **blocks))
    assert apart.replicates is None


def test_the_line_between_two_systems_is_drawn_image_by_image_and_seed_by_seed(record):
    low = record("coarse", "psnr_db", 20.0, raw=[18.0, 22.0], seed_values={0: 18.0, 1: 22.0})
    high = record("fine", "psnr_db", 26.0, raw=[26.0, 26.0], seed_values={0: 26.0, 1: 26.0})
    line = line_between(low, high, 0.25, "line")
    assert line.raw == [20.0, 23.0]
    assert line.seed_values == {0: 20.0, 1: 23.0}
    assert (line.value, line.ci95, line.system) == (21.5, None, "line")


def test_the_logarithm_of_a_timing_is_that_of_its_repeats(record):
    timed = record(
        "a", "training_s", 5.0, raw=[2.0, 8.0], seed_values={0: 3.0, 1: 7.0}, ci95=(4.0, 6.0)
    )
    logged = logarithm(timed)
    assert logged.raw == [log(2.0), log(8.0)]
    assert logged.value == pytest.approx(log(4.0))  # the geometric mean
    assert logged.seed_values == {0: log(3.0), 1: log(7.0)}
    assert logged.ci95 is None
    assert logarithm(record("a", "training_s", 5.0)).value == log(5.0)
