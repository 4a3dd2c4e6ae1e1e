"""Mirrors rqbench/rd/match.py."""

from dataclasses import replace

import numpy as np
import pytest

from rqbench.rd import Line, match_curves
from rqbench.rd.curves import CODEC_FILES
from rqbench.rd.match import value_at
from rqbench.resampling import bootstrap_error, mean_interval
from rqbench.statistics import combined_error

LINE = Line(np.array([4.0, 1.0]), np.array([30.0, 20.0]))
GAINS = [0.5, 1.0, 2.0, 0.9]


def read(curves, *args, **options):
    return {
        each.name: each for each in match_curves(curves, curves, "bits", *args, **options).readings
    }


@pytest.mark.parametrize(
    ("rate", "db"), [(1.0, 20), (2.0, 25), (4.0, 30), (0.9, None), (4.1, None)]
)
def test_two_points_are_joined_over_the_logarithm_of_the_budget_and_not_left(rate, db):
    found = value_at(LINE, rate, "akima")
    assert found is None if db is None else found == pytest.approx(db)


def test_curves_are_read_at_the_budget_that_was_asked_for(curve):
    found = read([curve("a", [1.0, 4.0], [20.0, 30.0]), curve("b", [1.0, 4.0], [22.0, 34.0])], 2.0)
    assert (found["a"].value, found["b"].value) == (pytest.approx(25), pytest.approx(28))
    assert found["b"].difference == pytest.approx(3)
    assert (found["a"].how, found["a"].difference) == ("interpolated", None)


def test_the_budget_is_the_largest_that_most_reach(curve):
    curves = [
        curve("wide", [0.5, 4.0], [20.0, 30.0]),
        curve("narrow", [1.0, 2.0], [20.0, 25.0]),
        curve("lone", [8.0], [40.0]),
    ]
    found = match_curves(curves, curves, "bits")
    assert (found.budget, found.chosen) == (2.0, "chosen, since 2 of 3 reach it")


def test_points_that_lie_near_each_other_are_compared_between_them(curve):
    curves = [curve("a", [1.00], [20.0]), curve("b", [1.03], [25.0]), curve("c", [3.0], [30.0])]
    found = match_curves(curves, curves, "bits")
    assert 1.03 / 1.02 <= found.budget <= 1.02
    assert [each.value for each in found.readings] == [20.0, 25.0, None]


def test_tokenizers_are_counted_before_codecs(curve):
    codecs = [curve(name, [2.0, 4.0], [20.0, 30.0]) for name in ("JPEG", "WebP")]
    codecs = [
        replace(one, points=[
            replace(point, rate=point.rate.model_copy(update={"protocol": CODEC_FILES}))
            for point in one.points
        ])
        for one in codecs
    ]  # fmt: skip
    curves = [curve("vq", [0.5, 1.0], [20.0, 30.0]), *codecs]
    assert match_curves(curves, curves, "bits").budget == 1.0


def test_the_budget_that_is_chosen_is_reached_over_nearly_any_images(curve):
    """The first curve's rates differ from image to image, so its ends move when they are drawn."""
    rates = [[0.5, 0.6, 0.7, 0.8, 0.9, 1.0], [2.0, 2.5, 3.0, 3.5, 4.0, 4.5]]
    values = [[20.0, 21.0, 22.0, 23.0, 24.0, 25.0], [30.0, 31.0, 32.0, 33.0, 34.0, 35.0]]
    moving, still = curve("moving", rates, values), curve("still", [0.1, 9.0], [10.0, 50.0])
    found = match_curves([moving, still], [moving, still], "bits")
    assert 2.0 < found.budget < 3.0 and found.chosen == "chosen, since 2 of 2 reach it"
    assert found.readings[0].ci95 is not None
    at_end = match_curves([moving, still], [moving, still], "bits", 3.2)
    assert at_end.readings[0].value is not None and at_end.readings[0].ci95 is None
    assert at_end.readings[0].note.startswith("no interval: ")


def test_a_system_that_cannot_reach_the_budget_shows_its_nearest_point(curve):
    curves = [curve("a", [1.0, 4.0], [20.0, 30.0]), curve("b", [5.0, 9.0], [33.0, 35.0])]
    found = read(curves, 4.0)["b"]
    assert (found.value, found.difference, found.nearest) == (None, None, (5.0, 33.0))
    assert found.how == "out of reach"


@pytest.mark.parametrize(
    ("rate", "value"), [(1.02, 7.0), (1 / 1.02, 7.0), (1.03, None), (0.97, None)]
)
def test_a_lone_point_stands_for_itself_within_two_percent(curve, rate, value):
    found = read([curve("lone", [rate], [7.0])], 1.0)["lone"]
    assert found.value == value
    assert found.how == ("a point" if value else "out of reach")


def test_the_first_that_reaches_the_budget_is_the_reference(curve):
    lone, line = curve("lone", [9.0], [40.0]), curve("line", [1.0, 4.0], [20.0, 30.0])
    assert match_curves([lone, line], [lone, line], "bits", 2.0).against == "line"
    assert match_curves([lone, line], [lone], "bits", 2.0).against == ""


def test_a_difference_has_the_interval_of_the_mean_gain_over_the_same_images(curve):
    rates, values = [[1.0] * 4, [4.0] * 4], [[20.0, 24.0, 19.0, 30.0], [30.0, 33.0, 29.0, 41.0]]
    better = [[value + gain for value, gain in zip(row, GAINS, strict=True)] for row in values]
    found = read([curve("a", rates, values), curve("b", rates, better)], 2.0)["b"]
    alone = mean_interval(GAINS, list("0123"))
    assert found.difference == pytest.approx(alone.value)
    assert found.difference_ci95 == pytest.approx((alone.low, alone.high))
    means = mean_interval([(a + b) / 2 for a, b in zip(*better, strict=True)], list("0123"))
    assert found.ci95 == pytest.approx((means.low, means.high))


def test_points_that_do_not_pair_have_a_difference_of_both_errors(curve):
    one = curve("a", [1.0], [[1.0, 3.0]])
    other = curve("b", [1.0], [[5.0, 9.0]], clusters=["x", "y"])
    found = read([one, other], 1.0)["b"]
    errors = [bootstrap_error([1.0, 3.0]), bootstrap_error([5.0, 9.0])]
    assert found.difference_ci95 == pytest.approx(combined_error(errors).interval(5.0))
    assert found.note.startswith("not paired")


def test_lone_points_of_the_same_images_pair_though_their_rates_are_of_fewer(curve):
    values, rates = [20.0, 24.0, 19.0, 30.0], [1.0, 1.0]
    better = [value + gain for value, gain in zip(values, GAINS, strict=True)]
    named = {"a": values, "b": better, "c": values}
    found = read([curve(name, [rates], [of]) for name, of in named.items()], 1.0)
    alone = mean_interval(GAINS, list("0123"))
    assert found["b"].difference_ci95 == pytest.approx((alone.low, alone.high))
    assert (found["c"].difference, found["c"].difference_ci95) == (0.0, (0.0, 0.0))
    assert found["c"].note.startswith("bootstrap, paired")


def test_distortions_of_different_protocols_have_no_difference(curve):
    other = curve("b", [1.0], [9.0], protocol_hash="other")
    found = read([curve("a", [1.0], [8.0]), other], 1.0)["b"]
    assert (found.value, found.difference) == (9.0, None)
    assert found.note == "measured by different protocols"


def test_a_budget_that_stands_twice_is_read_at_a_point_or_not_at_all(curve):
    twice = curve("a", [1.0, 1.0, 2.0], [20.0, 21.0, 30.0])
    assert read([twice], 2.0)["a"].value == 30.0
    assert read([twice], 1.5)["a"].how == "no point there, and one rate stands twice"
