"""Mirrors rqbench_reports/pairing.py."""

import math

import pytest
from scipy import stats

from rqbench_reports.pairing import Comparison, compare, decide, main_terms

RAW = [20.0, 22.0, 24.0, 26.0, 28.0, 30.0]


def judged(record, against):
    (found,) = decide([compare(record, against)])
    return found


def test_a_steady_gain_on_the_same_images_is_decided(record):
    better = record("a", "psnr_db", 25.5, raw=[value + 0.5 for value in RAW])
    compared = judged(better, record("b", "psnr_db", 25.0, raw=RAW))
    assert compared.amount == pytest.approx(0.5)
    assert compared.decided
    assert compared.basis == "paired, n = 6"
    assert compared.verdict(True) == "better"
    assert compared.verdict(False) == "worse"
    assert compared.verdict(None) == "undecided"


def test_nothing_is_decided_before_the_family_is_known(record):
    alone = compare(
        record("a", "psnr_db", 26.0, raw=[27.0] * 6), record("b", "psnr_db", 25.0, raw=RAW)
    )
    assert alone.adjusted_p is None
    assert alone.verdict(True) == "undecided"


def test_gains_and_losses_that_cancel_are_undecided(record):
    mixed = [value + sign for value, sign in zip(RAW, (1, -1, 1, -1, 1, -1), strict=True)]
    compared = judged(
        record("a", "psnr_db", 25.0, raw=mixed), record("b", "psnr_db", 25.0, raw=RAW)
    )
    assert compared.low < 0 < compared.high
    assert compared.p == pytest.approx(1.0)
    assert compared.verdict(True) == "undecided"


def test_images_of_one_cluster_count_as_one(record):
    facts = {"clusters": ["cat", "cat", "cat", "cup", "cup", "cup"]}
    one_gains = record(
        "a", "psnr_db", 26.5, raw=[v + 3 * (i < 3) for i, v in enumerate(RAW)], **facts
    )
    compared = judged(one_gains, record("b", "psnr_db", 25.0, raw=RAW, **facts))
    assert compared.basis == "paired, n = 6 in 2 clusters"
    assert (compared.n, compared.num_clusters) == (6, 2)
    assert not compared.decided


def test_seeds_that_disagree_widen_the_interval_that_images_alone_give(record):
    gain = {"raw": [value + 0.5 + 0.01 * value for value in RAW], "value": 25.75}
    ours = record("a", "psnr_db", seed_values={0: 25.0, 1: 25.75, 2: 26.5}, **gain)
    theirs = record("b", "psnr_db", 25.0, raw=RAW, seed_values={0: 25.0, 1: 25.0, 2: 25.0})
    compared = judged(ours, theirs)
    assert compared.basis == "paired, n = 6, 3 seeds"
    assert compared.seed_sd == pytest.approx(0.75)
    assert compared.image_low > 0 > compared.low
    assert compared.num_seeds == 3
    assert compared.verdict(True) == "undecided"


def test_seeds_pair_so_that_what_both_trainings_share_cancels(record):
    ours = record("a", "psnr_db", 25.5, raw=[v + 0.5 for v in RAW], seed_values={0: 20.5, 1: 30.5})
    theirs = record("b", "psnr_db", 25.0, raw=RAW, seed_values={0: 20.0, 1: 30.0})
    assert judged(ours, theirs).seed_sd == 0.0
    assert judged(ours, theirs).verdict(True) == "better"


def test_other_seeds_are_said_and_do_not_pair(record):
    ours = record("a", "psnr_db", 25.5, raw=[v + 0.5 for v in RAW], seed_values={0: 20.5, 1: 30.5})
    compared = judged(ours, record("b", "psnr_db", 25.0, raw=RAW))
    assert compared.basis == "paired, n = 6, seeds 0, 1 against 0"
    assert (compared.seed_sd, compared.num_seeds) == (None, 1)
    assert compared.verdict(True) == "undecided"


def test_single_numbers_are_judged_by_their_seeds_alone(record):
    facts = {"higher_is_better": True}
    ours = record("a", "codebook_usage", 0.9, seed_values={0: 0.89, 1: 0.9, 2: 0.91}, **facts)
    theirs = record("b", "codebook_usage", 0.5, seed_values={0: 0.5, 1: 0.51, 2: 0.49}, **facts)
    compared = judged(ours, theirs)
    expected = stats.ttest_rel([0.89, 0.9, 0.91], [0.5, 0.51, 0.49]).pvalue
    assert compared.p == pytest.approx(expected)
    assert compared.image_low is None
    assert judged(record("a", "macs", 1.0), record("b", "macs", 2.0)).p is None


def test_timings_are_compared_by_students_t_on_the_logarithm_of_paired_ratios(record):
    fast = record("a", "sampling_images_per_s", 30.0, raw=[28.0, 30.0, 36.0])
    slow = record("b", "sampling_images_per_s", 10.0, raw=[10.0, 10.0, 9.0])
    compared = judged(fast, slow)
    test = stats.ttest_rel(
        [math.log(value) for value in (28, 30, 36)], [math.log(value) for value in (10, 10, 9)]
    )
    low, high = test.confidence_interval(0.95)
    assert compared.amount == pytest.approx((2.8 * 3.0 * 4.0) ** (1 / 3))
    assert (compared.low, compared.high) == pytest.approx((math.exp(low), math.exp(high)))
    assert compared.p == pytest.approx(test.pvalue)
    assert compared.basis == "paired, 3 repeats"
    assert compared.is_ratio
    assert compared.smallest_detectable > 1
    assert compared.verdict(True) == "better"
    assert judged(slow, fast).verdict(True) == "worse"


def test_single_readings_of_several_trainings_are_compared_by_their_ratios(record):
    facts = {"ci95": (0.0, 99.0)}
    ours = record("a", "training_s", 20.0, seed_values={0: 19.0, 1: 20.0, 2: 21.0}, **facts)
    theirs = record("b", "training_s", 10.0, seed_values={0: 9.0, 1: 10.5, 2: 10.5}, **facts)
    logs = [math.log(value) for value in (19 / 9, 20 / 10.5, 2)]
    compared = judged(ours, theirs)
    assert compared.p == pytest.approx(stats.ttest_1samp(logs, 0.0).pvalue)
    assert compared.amount == pytest.approx(math.exp(sum(logs) / 3))
    assert compared.image_low is None


def test_repeats_that_disagree_leave_a_timing_undecided(record):
    mixed = record("a", "training_s", 10.0, raw=[9.0, 10.0, 11.0])
    steady = record("b", "training_s", 10.5, raw=[10.5, 10.5, 10.5])
    assert judged(mixed, steady).verdict(False) == "undecided"


def test_scores_of_the_same_photographs_are_compared_in_pairs(record):
    facts = {"clusters": ["x", "y", "z"], "ci95": (0.0, 99.0)}
    ours = record("a", "rfid", 10.0, replicates=[8.0, 10.0, 12.1], **facts)
    theirs = record("b", "rfid", 12.0, replicates=[10.1, 12.0, 14.0], **facts)
    compared = judged(ours, theirs)
    # differences without a photograph: -2.1, -2, -1.9; variance 2/3 of their squares' sum 0.02
    half = 4.302653 * (2 / 3 * 0.02) ** 0.5
    assert (compared.low, compared.high) == pytest.approx((-2.0 - half, -2.0 + half))
    assert compared.basis == "paired jackknife over 3 clusters"
    assert compared.verdict(False) == "better"


def test_errors_of_scores_that_do_not_pair_add_as_squares(record):
    ours = record("a", "fid", 10.0, ci95=(10 - 3 * 1.96, 10 + 3 * 1.96))
    theirs = record("b", "fid", 15.0, ci95=(15 - 4 * 1.96, 15 + 4 * 1.96))
    compared = judged(ours, theirs)
    assert compared.high == pytest.approx(-5.0 + 1.96 * 5.0, rel=1e-4)
    assert compared.smallest_detectable == pytest.approx(2.8016 * 5.0, rel=1e-4)
    assert compared.basis.startswith("not paired")
    assert compared.verdict(False) == "undecided"


def test_overlapping_intervals_alone_do_not_hide_a_difference(record):
    ours = record("a", "fid", 10.0, ci95=(9.0, 11.0))
    theirs = record("b", "fid", 11.9, ci95=(10.9, 12.9))
    assert judged(ours, theirs).verdict(False) == "better"


def test_an_interval_of_one_side_only_decides_nothing(record):
    ours = record("a", "fid", 10.0, image_ci95=(9.9, 10.1), seed_values={0: 9.9, 1: 10.1})
    compared = judged(ours, record("b", "fid", 99.0, seed_values={0: 98.9, 1: 99.1}))
    assert compared.basis.startswith("interval of one side only")
    assert not compared.decided


def test_images_that_both_systems_restore_exactly_give_no_verdict(record):
    perfect = record("a", "psnr_db", math.inf, raw=[math.inf, 30.0])
    compared = judged(perfect, perfect)
    assert (compared.low, compared.high, compared.p) == (-math.inf, math.inf, 1.0)


def test_a_family_is_adjusted_together_and_what_was_not_tested_is_no_part_of_it():
    tests = [Comparison(1.0, "", p=0.02), None, Comparison(1.0, ""), Comparison(1.0, "", p=0.03)]
    first, nothing, untested, last = decide(tests)
    assert (first.adjusted_p, last.adjusted_p) == pytest.approx((0.04, 0.04))
    assert nothing is None
    assert untested == tests[2]
    assert [found.decided for found in (first, untested, last)] == [True, False, True]


def test_a_difference_that_stands_alone_can_fall_in_a_family():
    alone = Comparison(1.0, "", p=0.03)
    assert decide([alone])[0].verdict(True) == "better"
    assert decide([alone, alone])[0].verdict(True) == "undecided"


def test_other_protocols_splits_and_machines_are_not_comparable(record):
    own = record("a", "psnr_db", 25.0, raw=RAW)
    for change in ({"protocol_hash": "other"}, {"split": "test"}, {"data": "faces"}):
        compared = compare(own, record("b", "psnr_db", 10.0, raw=[1.0] * 6, **change))
        assert compared.p is None
        assert "not comparable" in compared.basis
    ours = record("a", "training_s", 1.0, raw=[1.0])
    theirs = record("b", "training_s", 2.0, raw=[2.0], environment="gpu7")
    assert "not comparable" in compare(ours, theirs).basis
    same = compare(record("a", "macs", 1.0), record("b", "macs", 1.0, environment="gpu7"))
    assert same.basis == "no interval: single numbers"


def test_main_terms_are_those_of_most_records(record):
    records = [record("a", "fid", 1.0, protocol_hash="x"), None]
    records += [record(name, "fid", 1.0) for name in "bc"]
    assert main_terms(records)[1] == "3f9a1c07be21"
    assert main_terms([None]) == ()


def test_single_readings_of_clock_and_memory_decide_nothing(record):
    for metric in ("training_s", "peak_memory_bytes"):
        compared = compare(record("a", metric, 10.0), record("b", metric, 20.0))
        assert compared.amount == pytest.approx(0.5)
        assert compared.verdict(False) == "undecided"
        assert (compared.is_ratio, compared.basis) == (True, "no interval: single numbers")
    once = compare(
        record("a", "prior_ms_per_image", 3.0, raw=[3.0]),
        record("b", "prior_ms_per_image", 2.0, raw=[2.0]),
    )
    assert (once.amount, once.p) == (pytest.approx(1.5), None)
