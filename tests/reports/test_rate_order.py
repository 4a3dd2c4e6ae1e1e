"""Mirrors rqbench_reports/rate_order.py."""

import pytest

from rqbench_reports.rate_order import CODED, rate_remarks

FALLING = {"rate_nominal_bpp": 0.5, "rate_empirical_bpp": 0.4, "rate_prior_bpp": 0.3}
CODES = {"rate_coded_bpp": 0.31, "coding_overhead_bytes": 0.5, "nll_bits_per_image": 800.0}


@pytest.fixture
def remarks(record):
    """What is said of systems with these values."""

    def of(**systems: dict[str, float]) -> list[str]:
        found = {
            (name, metric): record(name, metric, value)
            for name, values in systems.items()
            for metric, value in values.items()
        }
        return rate_remarks(list(systems), lambda row, metric: found.get((row, metric)))

    return of


def test_rates_that_fall_and_are_coded_as_they_should_need_no_more_than_their_meaning(remarks):
    assert remarks(a=FALLING | CODES) == [CODED]


def test_a_rate_above_the_one_before_it_is_named_with_both_numbers(remarks):
    found = remarks(a=FALLING | CODES, b=FALLING | CODES | {"rate_prior_bpp": 0.45})
    assert found[1:] == [
        "Out of order, nominal ≥ empirical ≥ prior: b (prior 0.450 above empirical 0.400 bpp)."
    ]


def test_the_ends_are_compared_where_the_middle_is_missing(remarks):
    found = remarks(a={"rate_nominal_bpp": 0.2, "rate_prior_bpp": 0.25} | CODES)
    assert "a (prior 0.250 above nominal 0.200 bpp)" in found[1]


def test_what_is_equal_as_it_is_printed_is_in_order(remarks):
    assert remarks(a=FALLING | CODES | {"rate_empirical_bpp": 0.50004}) == [CODED]


def test_streams_longer_than_their_bound_are_named(remarks):
    """Of 100 bytes the bound is 1 and 8 more."""
    long = FALLING | CODES | {"coding_overhead_bytes": 9.01}
    assert remarks(a=FALLING | CODES | {"coding_overhead_bytes": 9.0}) == [CODED]
    assert remarks(a=long)[1:] == [
        "Coded in more than 1% and 8 B beyond the likelihood: a (9.0 B, likelihood 100.0 B)."
    ]


def test_systems_that_were_not_coded_are_named(remarks):
    assert remarks(a=FALLING, b=FALLING | CODES)[1:] == ["Not coded: a."]
    assert remarks(a=FALLING, b=FALLING) == ["Not coded: all systems."]
