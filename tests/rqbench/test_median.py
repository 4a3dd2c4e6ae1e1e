"""Mirrors rqbench/median.py."""

import pytest

from rqbench.median import median_of


def test_five_repeats_are_too_few_and_their_range_covers_the_median_with_94_percent():
    found = median_of([5.0, 1.0, 4.0, 2.0, 30.0])
    assert (found.value, found.low, found.high) == (4.0, 1.0, 30.0)
    assert found.coverage == 1 - 2 / 32


def test_the_range_of_six_is_a_95_percent_interval():
    found = median_of([1.0, 2.0, 3.0, 4.0, 5.0, 6.0])
    assert (found.value, found.low, found.high) == (3.5, 1.0, 6.0)
    assert found.coverage == 1 - 2 / 64
    assert found.method.endswith("96.9%")


def test_nine_leave_out_the_lowest_and_the_highest():
    """Both ends beyond the second: 2 (1 + 9) / 512; beyond the third that would be 46 more each."""
    found = median_of([float(value) for value in range(1, 10)])
    assert (found.low, found.high) == (2.0, 8.0)
    assert found.coverage == pytest.approx(1 - 20 / 512)


def test_one_repeat_covers_nothing():
    found = median_of([7.0])
    assert (found.value, found.low, found.high, found.coverage) == (7.0, 7.0, 7.0, 0.0)
