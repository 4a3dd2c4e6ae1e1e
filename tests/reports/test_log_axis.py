"""Mirrors rqbench_reports/log_axis.py."""

import pytest

from rqbench_reports.log_axis import shifts, ticks_125, with_three_ticks


def test_ticks_are_one_two_and_five_times_powers_of_ten():
    assert ticks_125(0.04, 3.0) == [0.05, 0.1, 0.2, 0.5, 1, 2]
    assert ticks_125(50.0, 50.0) == [50]


@pytest.mark.parametrize(
    ("given", "widened"),
    [
        ((4.0, 21.0), (4.0, 21.0)),  # 5, 10, 20 are three
        ((53.0, 207.0), (50.0, 500.0)),
        ((60.0, 90.0), (20.0, 100.0)),
        ((50.0, 50.0), (10.0, 50.0)),
    ],
)
def test_limits_with_fewer_than_three_ticks_are_widened_until_they_hold_three(given, widened):
    assert with_three_ticks(*given) == widened


def test_lines_move_aside_evenly_and_stay_near_their_place():
    assert shifts(1, [1, 100]) == [1]
    low, high = shifts(2, [1, 100])  # apart by 3% of two decades
    assert (low * high, high / low) == pytest.approx((1, 100**0.03))
    many = shifts(10, [1, 100, 200])
    assert many[-1] / many[0] == pytest.approx(2**0.3)
