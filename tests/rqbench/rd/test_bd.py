"""Mirrors rqbench/rd/bd.py."""

import bjontegaard
import numpy as np
import pytest

from rqbench.rd import Line, bd_distortion, bd_rate

METHODS = ("akima", "cubic", "pchip")


def line(rates, distortions):
    return Line(np.array(rates, dtype=np.float64), np.array(distortions, dtype=np.float64))


# The example in the documentation of the bjontegaard library: libx265, kbit/s and dB
ANCHOR = line([9487.76, 4593.60, 2486.44, 1358.24], [40.037, 38.615, 36.845, 34.851])
TEST = line([9787.80, 4469.00, 2451.52, 1356.24], [40.121, 38.651, 36.970, 34.987])
BENT = line([0.1, 0.2, 0.3, 0.5, 0.9], [20.0, 24.0, 25.0, 28.0, 29.0])
STEEP = line([0.12, 0.25, 0.4, 0.8, 1.6], [19.0, 23.0, 27.5, 28.5, 33.0])


def test_two_lines_in_the_logarithm_of_rate_differ_by_what_ten_fingers_find():
    # reference: 20 dB at 1 bpp, 30 dB at 10 bpp; test: the same at a fifth fewer bits
    reference, test = line([1, 10], [20, 30]), line([0.8, 8], [20, 30])
    rate, distortion = bd_rate(reference, test), bd_distortion(reference, test)
    assert rate.value == pytest.approx(-20)
    assert rate.overlap == (20, 30)
    assert distortion.value == pytest.approx(-10 * np.log10(0.8))
    assert distortion.overlap == pytest.approx((1, 8))
    assert distortion.reference_share == pytest.approx(np.log10(8))


def test_a_difference_that_grows_counts_by_its_mean_over_the_overlap():
    # log2 of the rate rises by 1 over 10 dB here and by 3 there: nothing apart at 20 dB and 1 at
    # 25, where the overlap ends, so half a doubling in the mean
    reference, test = line([1, 2], [20, 30]), line([1, 2**1.5], [20, 25])
    found = bd_rate(reference, test)
    assert found.value == pytest.approx(100 * (2**0.5 - 1))
    assert (found.overlap, found.reference_share, found.test_share) == ((20, 25), 0.5, 1.0)


@pytest.mark.parametrize("method", METHODS)
def test_twice_the_rate_is_a_hundred_percent_more(method):
    doubled = Line(2 * BENT.rates_bpp, BENT.distortions)
    assert bd_rate(BENT, doubled, method).value == pytest.approx(100)
    assert bd_rate(doubled, BENT, method).value == pytest.approx(-50)


@pytest.mark.parametrize("method", METHODS)
def test_a_curve_does_not_differ_from_itself_in_whatever_order_its_points_come(method):
    shuffled = line(BENT.rates_bpp[[2, 0, 4, 1, 3]], BENT.distortions[[2, 0, 4, 1, 3]])
    assert bd_rate(BENT, shuffled, method).value == 0
    assert bd_distortion(BENT, shuffled, method).value == 0


@pytest.mark.parametrize("method", METHODS)
def test_swapped_curves_change_the_sign(method):
    rates = bd_rate(BENT, STEEP, method).value, bd_rate(STEEP, BENT, method).value
    assert np.log1p(rates[0] / 100) == pytest.approx(-np.log1p(rates[1] / 100))
    one, other = bd_distortion(BENT, STEEP, method), bd_distortion(STEEP, BENT, method)
    assert one.value == -other.value != 0
    assert (one.reference_share, one.test_share) == (other.test_share, other.reference_share)


@pytest.mark.parametrize(
    ("method", "percent", "db"),
    [
        ("akima", -4.425245, 0.119409),
        ("cubic", -4.420463, 0.120409),
        ("pchip", -4.417485, 0.119693),
    ],
)
def test_the_librarys_example_gives_its_numbers(method, percent, db):
    assert bd_rate(ANCHOR, TEST, method).value == pytest.approx(percent, abs=1e-6)
    assert bd_distortion(ANCHOR, TEST, method).value == pytest.approx(db, abs=1e-6)


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize(("one", "other"), [(ANCHOR, TEST), (BENT, STEEP), (STEEP, BENT)])
def test_the_library_agrees(method, one, other):
    ascending = [array for each in (one, other) for array in vars(each.by_rate()).values()]
    options = {"method": method, "require_matching_points": False, "min_overlap": 0}
    assert bd_rate(one, other, method).value == pytest.approx(
        bjontegaard.bd_rate(*ascending, **options), abs=1e-6
    )
    assert bd_distortion(one, other, method).value == pytest.approx(
        bjontegaard.bd_psnr(*ascending, **options), abs=1e-6
    )


def test_where_lower_is_better_only_the_direction_differs():
    def below(each):
        return Line(each.rates_bpp, 40 - each.distortions)

    found = bd_rate(below(BENT), below(STEEP), higher_is_better=False)
    straight = bd_rate(BENT, STEEP)
    assert found.value == pytest.approx(straight.value)
    assert found.overlap == (40 - straight.overlap[1], 40 - straight.overlap[0])
    assert bd_rate(below(BENT), below(STEEP)).why == "no gain from 0.1 to 0.2 bpp"
    assert bd_distortion(below(BENT), below(STEEP)).value == pytest.approx(
        -bd_distortion(BENT, STEEP).value
    )


@pytest.mark.parametrize(
    ("test", "method", "why"),
    [
        (line([1, 2], [50, 60]), "akima", "no overlap"),
        (line([1, 2], [29, 60]), "akima", "no overlap"),  # they touch in one point
        (line([1], [25]), "akima", "1 of the 2 points that akima needs"),
        (line([1, 2, 3], [25, 26, 27]), "cubic", "3 of the 4 points that cubic needs"),
        (line([1, 2, 3], [25, 27, 26]), "pchip", "no gain from 2 to 3 bpp"),
        (line([1, 2, 3], [25, 26, 26]), "pchip", "no gain from 2 to 3 bpp"),
        (line([1, 1], [25, 26]), "akima", "one rate stands twice"),
        (line([0, 1], [25, 26]), "akima", "a rate of 0 bpp, which has no logarithm"),
        (line([1, 2], [25, np.inf]), "akima", "a point that is not finite"),
    ],
)
def test_where_a_rate_difference_has_no_meaning_the_reason_stands_in_its_place(test, method, why):
    for found in (bd_rate(BENT, test, method), bd_rate(test, BENT, method)):
        said = found.why.removeprefix("the reference: ")
        assert (found.value, said, found.overlap) == (None, why, None)


def test_a_reference_that_cannot_be_interpolated_is_named():
    lone, why = line([1], [25]), "1 of the 2 points that akima needs"
    assert bd_distortion(lone, BENT).why == f"the reference: {why}"
    assert bd_distortion(BENT, lone).why == why


def test_at_equal_rate_a_curve_may_fall_but_not_be_beyond_reach():
    falling = line([0.1, 0.5, 0.9], [20.0, 28.0, 27.0])
    assert bd_distortion(BENT, falling).value is not None
    assert bd_distortion(BENT, line([1, 2], [20, 21])).why == "no overlap"


def test_an_interpolation_that_swings_beyond_all_points_gives_no_value():
    near = line([1, 4, 8, 9, 16], [20, 25, 25.001, 25.002, 30])
    straight = line([1, 16], [20, 30])
    assert bd_rate(straight, near).why == "akima swings far beyond the points"
    assert 0 < bd_rate(straight, near, "pchip").value < 20
