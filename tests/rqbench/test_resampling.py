"""Mirrors rqbench/resampling.py."""

import math

import numpy as np
import pytest

from rqbench.resampling import bootstrap_error, jackknife_error, leave_out, mean_interval
from rqbench.statistics import UNKNOWN


def test_two_clusters_resample_to_either_or_both():
    error = bootstrap_error([0.0, 0.0, 3.0], ["a", "a", "b"])
    # Four equally likely draws: aa 0, ab 1, ba 1, bb 3; their variance 1.1875, twice that for c - 1
    assert error.standard_error == pytest.approx(2.375**0.5, rel=0.03)
    assert error.freedom == 1


def test_many_values_give_the_textbook_interval_of_a_mean():
    values = np.random.default_rng(1).normal(5.0, 2.0, size=400)
    interval = mean_interval(values.tolist())
    half = 1.966 * values.std(ddof=1) / 20
    assert interval.value == pytest.approx(values.mean(), rel=1e-12)
    assert interval.low == pytest.approx(values.mean() - half, abs=0.02)
    assert interval.high == pytest.approx(values.mean() + half, abs=0.02)
    assert interval.method == "bootstrap of 400 values, Student t"


@pytest.mark.parametrize(
    ("levels", "least", "most"),
    [
        (lambda random: random.normal(size=9), 0.935, 0.965),
        (lambda random: np.exp(0.4 * random.normal(size=9)) - np.exp(0.08), 0.915, 0.95),
        (lambda random: np.exp(0.8 * random.normal(size=9)) - np.exp(0.32), 0.85, 0.90),
    ],
    ids=["normal", "skewness 1.3", "skewness 3.7"],
)
def test_the_interval_of_nine_photographs_covers_as_the_docstring_says(levels, least, most):
    random, trials, covered = np.random.default_rng(2), 1000, 0
    names = [f"photo{place % 9}" for place in range(45)]
    for _ in range(trials):
        level = levels(random)
        values = np.tile(level, 5) + 0.3 * random.normal(size=45)
        interval = mean_interval(values.tolist(), names)
        covered += interval.low <= 0.0 <= interval.high
    assert least <= covered / trials <= most


def test_copies_within_a_cluster_add_no_certainty():
    once = np.random.default_rng(3).normal(size=30)
    names = [f"photo{i}" for i in range(30)]
    alone = mean_interval(once.tolist(), names)
    copied = mean_interval(np.repeat(once, 9).tolist(), np.repeat(names, 9).tolist())
    blind = mean_interval(np.repeat(once, 9).tolist())
    assert (copied.low, copied.high) == pytest.approx((alone.low, alone.high))
    assert copied.high - copied.low > 2 * (blind.high - blind.low)
    assert (copied.n, copied.num_clusters) == (270, 30)


def test_the_same_values_give_the_same_interval_again():
    values = np.random.default_rng(4).normal(size=50).tolist()
    assert mean_interval(values) == mean_interval(values)


def test_equal_values_have_no_error_at_all():
    assert bootstrap_error([0.1 + 0.2] * 5, ["a", "b", "b", "c", "c"]).standard_error == 0.0


@pytest.mark.parametrize(
    ("values", "clusters", "value"),
    [([1.0, 2.0], ["a", "a"], 1.5), ([1.0, math.inf], None, math.inf)],
)
def test_where_spread_is_unknown_the_interval_is_unbounded_and_says_why(values, clusters, value):
    interval = mean_interval(values, clusters)
    assert (interval.value, interval.low, interval.high) == (value, -math.inf, math.inf)
    assert interval.method.startswith("no interval")


@pytest.mark.parametrize("call", [lambda: mean_interval([]), lambda: mean_interval([1.0], [])])
def test_values_that_do_not_fit_their_clusters_are_refused(call):
    with pytest.raises(ValueError, match="values"):
        call()


def test_the_jackknife_of_a_mean_is_students_error():
    values = np.array([1.0, 2.0, 4.0, 9.0])
    found = leave_out(lambda kept: float(values[kept].mean()), list("abcd"))
    assert found.value == 4.0
    error = jackknife_error(found.replicates)
    assert error.standard_error == pytest.approx(values.std(ddof=1) / 2)
    assert error.freedom == 3


def test_the_jackknife_leaves_out_whole_groups_in_the_order_of_their_names():
    kept = []
    found = leave_out(lambda indices: kept.append(indices.tolist()) or 0.0, ["b", "a", "b"])
    assert kept == [[0, 1, 2], [0, 2], [1]]
    assert found.groups == ["a", "b"]


def test_one_group_leaves_nothing_to_learn_from():
    found = leave_out(lambda kept: float(len(kept)), ["a", "a"])
    assert (found.value, found.replicates) == (2.0, [])
    assert jackknife_error(found.replicates) == UNKNOWN
