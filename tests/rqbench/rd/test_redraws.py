"""Mirrors rqbench/rd/redraws.py."""

import numpy as np
import pytest

from rqbench.rd import Curve, Point
from rqbench.rd.redraws import redraw
from rqbench.resampling import jackknife_error

PHOTOS = ["a", "a", "b", "c"]


@pytest.fixture
def of_set(record):
    """A curve of one point whose distortion is a score of a whole set."""

    def make(rates, replicates, clusters):
        rate = record("s", "rate_nominal_bpp", rates, clusters=PHOTOS)
        score = record("s", "rfd_x", 5.0, replicates=replicates, clusters=clusters)
        return Curve("s", [Point({}, rate, score)])

    return make


def test_scores_of_a_set_and_means_leave_out_the_same_photographs(of_set):
    redraws = redraw([of_set([1.0, 2.0, 3.0, 6.0], [7.0, 8.0, 9.0], ["a", "b", "c"])])
    (lines,) = redraws.lines
    assert [line.rates_bpp.tolist() for line in lines] == [[4.5], [3.0], [2.0]]
    assert [line.distortions.tolist() for line in lines] == [[7.0], [8.0], [9.0]]
    assert redraws.error([7.0, 8.0, 9.0]) == jackknife_error([7.0, 8.0, 9.0])
    assert redraws.error([7.0, None, 9.0]) == "no interval: 2 of 3 draws have a value"
    assert redraws.method == "jackknife of 3 clusters, Student t"


@pytest.mark.parametrize(
    ("clusters", "why"), [(["a", "b", "d"], "same photographs"), (None, "same photographs")]
)
def test_scores_over_other_photographs_have_no_draws(of_set, clusters, why):
    assert why in redraw([of_set([1.0, 2.0, 3.0, 6.0], [7.0, 8.0, 9.0], clusters)])


def test_an_amount_that_does_not_depend_on_images_stays_in_every_draw(record):
    rate = record("s", "operations_per_image", 12.0)
    curve = Curve("s", [Point({}, rate, record("s", "psnr_db", [1.0, 3.0]))])
    (lines,) = redraw([curve]).lines
    assert {line.rates_bpp[0] for line in lines} == {12.0}
    assert {line.distortions[0] for line in lines} == {1.0, 2.0, 3.0}


def test_two_curves_see_the_same_photographs(curve):
    one = curve("a", [[1.0, 1.0, 1.0]], [[1.0, 5.0, 9.0]])
    other = curve("b", [[1.0, 1.0, 1.0]], [[2.0, 6.0, 10.0]])
    ones, others = redraw([one, other]).lines
    gains = [b.distortions[0] - a.distortions[0] for a, b in zip(ones, others, strict=True)]
    assert np.ptp(gains) < 1e-12 < gains[0]
