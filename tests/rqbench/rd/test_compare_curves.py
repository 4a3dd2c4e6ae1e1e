"""Mirrors rqbench/rd/compare_curves.py."""

import numpy as np
import pytest

from rqbench.rd import compare_curves
from rqbench.resampling import mean_interval

NUM_IMAGES = 12
RANDOM = np.random.default_rng(5)
PHOTO = RANDOM.normal(0, 3, NUM_IMAGES)  # what photographs differ by, whatever the system
RATES = [[rate] * NUM_IMAGES for rate in (0.25, 0.5, 1.0)]
DISTORTIONS = [(PHOTO + mean).tolist() for mean in (22.0, 26.0, 29.0)]


def test_a_gain_that_is_the_same_on_every_image_has_no_interval_to_speak_of(curve):
    cheaper = [[0.8 * rate for rate in of_images] for of_images in RATES]
    found = compare_curves(curve("a", RATES, DISTORTIONS), curve("b", cheaper, DISTORTIONS)).rate
    assert found.bd.value == pytest.approx(-20)
    assert found.ci95 == pytest.approx((-20, -20), abs=1e-9)
    assert (found.draws, found.draws_with_value) == (2000, 2000)


def test_a_gain_of_each_image_has_the_interval_of_its_mean(curve):
    gains = RANDOM.normal(1, 0.5, NUM_IMAGES)
    better = [(np.array(values) + gains).tolist() for values in DISTORTIONS]
    found = compare_curves(curve("a", RATES, DISTORTIONS), curve("b", RATES, better)).distortion
    alone = mean_interval(gains.tolist(), [str(place) for place in range(NUM_IMAGES)])
    assert found.bd.value == pytest.approx(alone.value)
    assert found.ci95 == pytest.approx((alone.low, alone.high))


def test_whole_photographs_are_drawn(curve, record):
    gains = RANDOM.normal(1, 0.5, NUM_IMAGES)
    better = [(np.array(values) + gains).tolist() for values in DISTORTIONS]
    clusters = [str(place // 4) for place in range(NUM_IMAGES)]

    def of_photos(name, distortions):
        made = curve(name, RATES, distortions)
        for point in made.points:
            for each in (point.rate, point.distortion):
                each.clusters[:] = clusters
        return made

    found = compare_curves(of_photos("a", DISTORTIONS), of_photos("b", better)).distortion
    alone = mean_interval(gains.tolist(), clusters)
    assert found.ci95 == pytest.approx((alone.low, alone.high))
    assert found.note == "bootstrap of 3 clusters, Student t"


def test_draws_without_an_overlap_are_counted(curve):
    reference = curve("a", [[1.0, 1.0], [2.0, 2.0]], [[20.0, 20.0], [30.0, 30.0]])
    # the second photograph twice, a quarter of all draws, lies above all that the reference reached
    test = curve("b", [[1.0, 1.0], [2.0, 2.0]], [[22.0, 36.0], [32.0, 46.0]])
    found = compare_curves(reference, test).rate
    assert found.bd.overlap == (29, 30)
    assert 1400 < found.draws_with_value < 1600
    assert found.draws == 2000


@pytest.mark.parametrize(
    ("changes", "said"),
    [({"clusters": list("abcdefghijkl")}, "same images"), ({"raw": None}, "same images")],
)
def test_values_of_other_images_give_a_difference_without_an_interval(curve, changes, said):
    found = compare_curves(
        curve("a", RATES, DISTORTIONS), curve("b", RATES, DISTORTIONS, **changes)
    ).rate
    assert (found.bd.value, found.ci95) == (0, None)
    assert said in found.note


def test_one_photograph_has_no_spread(curve):
    one = curve("a", [[1.0], [2.0]], [[20.0], [30.0]])
    found = compare_curves(one, one).rate
    assert found.ci95 is None
    assert found.note == "no interval: one cluster has no spread"


def test_distortions_of_different_protocols_are_not_compared(curve):
    other = curve("b", RATES, DISTORTIONS, protocol_hash="other")
    found = compare_curves(curve("a", RATES, DISTORTIONS), other)
    assert found.rate.bd.value is found.distortion.bd.value is None
    assert found.rate.bd.why == "measured by different protocols"


def test_where_lower_is_better_a_falling_curve_is_a_good_one(curve):
    rates, falling = [1.0, 2.0], [30.0, 20.0]
    good = curve("a", rates, falling, higher_is_better=False)
    assert compare_curves(good, good).rate.bd.value == 0
    bad = curve("a", rates, falling)
    assert compare_curves(bad, bad).rate.bd.why == "no gain from 1 to 2 bpp"
