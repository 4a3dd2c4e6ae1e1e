"""Mirrors rqbench/statistics.py."""

import math

import numpy as np
import pytest

from rqbench.statistics import (
    Interval,
    excludes_zero,
    jackknife_interval,
    mean_interval,
    paired_difference,
)


def test_two_clusters_resample_to_either_or_both():
    interval = mean_interval([0.0, 0.0, 3.0], ["a", "a", "b"])
    # Four equally likely draws: aa 0, ab 1, ba 1, bb 3
    assert (interval.value, interval.low, interval.high) == (1.0, 0.0, 3.0)
    assert (interval.n, interval.num_clusters) == (3, 2)


def test_many_values_give_the_textbook_interval_of_a_mean():
    values = np.random.default_rng(1).normal(5.0, 2.0, size=400)
    interval = mean_interval(values.tolist())
    half = 1.966 * values.std(ddof=1) / 20
    assert interval.value == pytest.approx(values.mean(), rel=1e-12)
    assert interval.low == pytest.approx(values.mean() - half, abs=0.02)
    assert interval.high == pytest.approx(values.mean() + half, abs=0.02)


def test_the_interval_of_few_clusters_covers_the_truth_about_as_often_as_it_says():
    random = np.random.default_rng(2)
    covered = 0
    for _ in range(200):
        level = np.repeat(random.normal(size=12), 5)  # twelve photographs of five crops
        values = level + 0.3 * random.normal(size=60)
        names = [f"photo{i // 5}" for i in range(60)]
        interval = mean_interval(values.tolist(), names, repeats=500)
        covered += interval.low <= 0.0 <= interval.high
    assert 0.90 <= covered / 200 <= 0.99


def test_copies_within_a_cluster_add_no_certainty():
    once = np.random.default_rng(3).normal(size=30)
    names = [f"photo{i}" for i in range(30)]
    alone = mean_interval(once.tolist(), names)
    copied = mean_interval(np.repeat(once, 9).tolist(), np.repeat(names, 9).tolist())
    blind = mean_interval(np.repeat(once, 9).tolist())
    assert (copied.low, copied.high) == pytest.approx((alone.low, alone.high))
    assert copied.high - copied.low > 2 * (blind.high - blind.low)


def test_the_same_values_give_the_same_interval_again():
    values = np.random.default_rng(4).normal(size=50).tolist()
    assert mean_interval(values) == mean_interval(values)


@pytest.mark.parametrize(
    ("values", "clusters", "value"),
    [([1.0, 2.0], ["a", "a"], 1.5), ([1.0, math.inf], None, math.inf)],
)
def test_where_spread_is_unknown_the_interval_is_unbounded_and_says_why(values, clusters, value):
    interval = mean_interval(values, clusters)
    assert (interval.value, interval.low, interval.high) == (value, -math.inf, math.inf)
    assert interval.method.startswith("no interval")
    assert not excludes_zero(interval)


def test_pairing_removes_what_both_systems_share():
    shared = np.linspace(-20.0, 20.0, 40)
    better = (shared + 0.5 + 0.1 * np.random.default_rng(6).normal(size=40)).tolist()
    interval = paired_difference(better, shared.tolist())
    assert interval.value == pytest.approx(0.5, abs=0.1)
    assert excludes_zero(interval)
    assert not excludes_zero(mean_interval(better))


def test_images_that_are_identical_under_both_systems_give_no_verdict():
    interval = paired_difference([math.inf, 1.0], [math.inf, 2.0])
    assert math.isnan(interval.value)
    assert not excludes_zero(interval)


@pytest.mark.parametrize(
    "call",
    [
        lambda: mean_interval([]),
        lambda: mean_interval([1.0, 2.0], ["a"]),
        lambda: paired_difference([1.0, 2.0], [1.0]),
    ],
)
def test_values_that_do_not_fit_their_clusters_or_pairs_are_refused(call):
    with pytest.raises(ValueError, match="values"):
        call()


def test_an_interval_that_touches_zero_does_not_exclude_it():
    assert not excludes_zero(Interval(1.0, 0.0, 2.0, 5, 5, ""))
    assert excludes_zero(Interval(-1.0, -2.0, -0.1, 5, 5, ""))


def test_the_jackknife_of_a_mean_is_students_interval():
    values = np.array([1.0, 2.0, 4.0, 9.0])
    interval = jackknife_interval(lambda kept: float(values[kept].mean()), [0, 1, 2, 3])
    half = 3.182446 * values.std(ddof=1) / 2  # t of 3 degrees of freedom
    assert interval.value == 4.0
    assert (interval.low, interval.high) == pytest.approx((4.0 - half, 4.0 + half), rel=1e-6)


def test_the_jackknife_leaves_out_whole_groups():
    kept = []
    jackknife_interval(lambda indices: float(kept.append(indices.tolist()) or 0), ["b", "a", "b"])
    assert kept == [[0, 1, 2], [0, 2], [1]]


def test_one_group_gives_no_interval():
    interval = jackknife_interval(lambda kept: float(len(kept)), ["a", "a"])
    assert (interval.value, interval.low, interval.high) == (2.0, -math.inf, math.inf)
