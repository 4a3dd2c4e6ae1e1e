"""Mirrors rqbench/statistics.py."""

import math

import numpy as np
import pytest
from scipy import stats

from rqbench.statistics import UNKNOWN, ErrorBar, combined_error, holm, student_error


def test_a_few_values_have_students_interval():
    error = student_error([1.0, 2.0, 4.0, 9.0])
    low, high = stats.ttest_1samp([1.0, 2.0, 4.0, 9.0], 0.0).confidence_interval(0.95)
    assert error.interval(4.0) == pytest.approx((low, high))
    assert error.p_value(4.0) == pytest.approx(stats.ttest_1samp([1.0, 2.0, 4.0, 9.0], 0.0).pvalue)


@pytest.mark.parametrize("freedom", [1.0, 2.5, 8.0, math.inf])
def test_p_is_five_percent_where_the_interval_touches_zero(freedom):
    error = ErrorBar(0.3, freedom)
    _, edge = error.interval(0.0)
    assert error.p_value(edge) == pytest.approx(0.05)
    assert error.p_value(-1.01 * edge) < 0.05 < error.p_value(0.99 * edge)


def test_the_smallest_detectable_difference_of_a_known_error_is_the_textbook_one():
    assert ErrorBar(1.0, math.inf).smallest_detectable() == pytest.approx(1.959964 + 0.841621)
    assert ErrorBar(0.5, 8.0).smallest_detectable() == pytest.approx(0.5 * (2.306004 + 0.888890))


def test_where_nothing_is_known_of_chance_nothing_is_excluded():
    assert UNKNOWN.interval(3.0) == (-math.inf, math.inf)
    assert UNKNOWN.p_value(3.0) == UNKNOWN.p_value(math.nan) == 1.0
    assert student_error([1.0]) == student_error([1.0, math.inf]) == UNKNOWN
    assert combined_error([ErrorBar(1.0, 3.0), UNKNOWN]) == UNKNOWN


def test_a_difference_without_any_spread_is_certain():
    error = student_error([0.1 + 0.2] * 3)
    assert error.interval(1.0) == (1.0, 1.0)
    assert (error.p_value(1.0), error.p_value(0.0)) == (0.0, 1.0)
    assert combined_error([error, error]).standard_error == 0.0


def test_combined_variances_add_and_the_quantile_lies_between():
    error = combined_error([ErrorBar(3.0, 8.0), ErrorBar(4.0, 2.0)])
    assert error.standard_error == pytest.approx(5.0)
    quantile = (9 * 2.306004 + 16 * 4.302653) / 25  # weighted by variances
    assert error.interval(0.0)[1] == pytest.approx(5.0 * quantile)


def test_an_error_that_is_nothing_beside_another_changes_nothing():
    assert combined_error([ErrorBar(1.0, 8.0), ErrorBar(0.0, 2.0)]).interval(0.0) == pytest.approx(
        ErrorBar(1.0, 8.0).interval(0.0)
    )


@pytest.mark.parametrize("of_seeds", [0.0, 0.5, 1.0, 2.0, 4.0, 20.0])
@pytest.mark.parametrize("num_seeds", [2, 3, 5])
def test_the_combined_interval_covers_the_truth_however_the_two_errors_compare(of_seeds, num_seeds):
    random, trials, num_clusters = np.random.default_rng(1), 2000, 9
    covered = 0
    for _ in range(trials):
        images = random.normal(size=num_clusters) * 3
        trainings = random.normal(size=num_seeds) * of_seeds * num_seeds**0.5
        error = combined_error([student_error(images.tolist()), student_error(trainings.tolist())])
        low, high = error.interval(images.mean() + trainings.mean())
        covered += low <= 0.0 <= high
    assert 0.93 <= covered / trials <= 0.995


def test_holm_multiplies_by_the_tests_left_and_never_falls():
    # worked by hand: 0.01 x 4, then max(0.02 x 3, 0.04), then max(0.03 x 2, 0.06), then 0.5
    assert holm([0.03, 0.01, 0.5, 0.02]) == pytest.approx([0.06, 0.04, 0.5, 0.06])
    assert holm([0.9, 0.8]) == [1.0, 1.0]
    assert holm([]) == []


def test_holm_keeps_the_share_of_families_with_a_false_finding_at_five_percent():
    random = np.random.default_rng(2)
    families = random.uniform(size=(4000, 6))
    found = sum(min(holm(family.tolist())) < 0.05 for family in families)
    assert 0.04 <= found / 4000 <= 0.06
