"""Bjontegaard differences: how far apart two rate-distortion curves lie where both were measured.

Points are joined by an interpolation and its mean taken over the interval that both curves cover;
beyond the last point of either nothing is said. The rate is taken as its logarithm throughout.
"""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from jaxtyping import Float
from numpy import ndarray
from scipy.interpolate import Akima1DInterpolator, PchipInterpolator, PPoly

Method = Literal["akima", "cubic", "pchip"]
LEAST_POINTS = {"akima": 2, "pchip": 2, "cubic": 4}
"""What an interpolation needs; of two points akima and pchip make a straight line."""


@dataclass(frozen=True)
class Line:
    """The points of one curve, in any order.

    Attributes:
        rates_bpp: above 0.
        distortions: of any measure, such as dB.
    """

    rates_bpp: Float[ndarray, " p"]
    distortions: Float[ndarray, " p"]

    def by_rate(self) -> "Line":
        order = np.argsort(self.rates_bpp, kind="stable")
        return Line(self.rates_bpp[order], self.distortions[order])


@dataclass(frozen=True)
class BD:
    """The mean distance from one curve to another.

    Attributes:
        value: percent of rate, or a difference in distortion; None where there is none.
        method: the interpolation.
        why: of no value, the reason.
        overlap: the distortions, or the rates in bpp, over which the mean was taken.
        reference_share, test_share: of each curve's own extent, so much lies in the overlap.
    """

    value: float | None
    method: str
    why: str = ""
    overlap: tuple[float, float] | None = None
    reference_share: float = 0.0
    test_share: float = 0.0


def bd_rate(
    reference: Line, test: Line, method: Method = "akima", higher_is_better: bool = True
) -> BD:
    """Mean difference in rate at equal distortion, in percent of the reference's rate.

    Minus ten says that the test curve needs a tenth fewer bits. Along each curve distortion has to
    improve with every step in rate, since otherwise one distortion would have several rates.

    Args:
        higher_is_better: whether a larger number is a better picture (PSNR) or a worse one (LPIPS).

    Source: Bjontegaard 2001, VCEG-M33, for the mean and the cubic; Herglotz et al. 2022,
    arXiv:2202.12565, for Akima.
    """
    reference, test, sign = reference.by_rate(), test.by_rate(), 1 if higher_is_better else -1
    why = _unfit(reference, test, method) or _unsteady(reference, test, sign)
    if why:
        return BD(None, method, why)
    found = _mean_difference(
        (sign * reference.distortions, np.log(reference.rates_bpp)),
        (sign * test.distortions, np.log(test.rates_bpp)),
        method,
    )
    if found.value is None or found.overlap is None:
        return found
    low, high = sorted(sign * end for end in found.overlap)
    if abs(found.value) > np.log(_span(reference, test)):  # where two points all but coincide
        return BD(None, method, f"{method} swings far beyond the points")
    percent = 100 * float(np.expm1(found.value))
    shares = found.reference_share, found.test_share
    return BD(percent, method, "", (low, high), *shares)


def bd_distortion(reference: Line, test: Line, method: Method = "akima") -> BD:
    """Mean difference in distortion at equal rate, test minus reference, in the measure's unit.

    Distortion may fall along a curve here; only rates may not come twice.
    """
    reference, test = reference.by_rate(), test.by_rate()
    why = _unfit(reference, test, method)
    if why:
        return BD(None, method, why)
    found = _mean_difference(
        (np.log(reference.rates_bpp), reference.distortions),
        (np.log(test.rates_bpp), test.distortions),
        method,
    )
    if found.overlap is None:
        return found
    low, high = np.exp(found.overlap).tolist()
    return BD(found.value, method, "", (low, high), found.reference_share, found.test_share)


def _span(*lines: Line) -> float:
    """The largest of all rates over the smallest: rising curves lie no further apart."""
    rates = np.concatenate([line.rates_bpp for line in lines])
    return float(rates.max() / rates.min())


Points = tuple[Float[ndarray, "_"], Float[ndarray, "_"]]
"""Where a curve is given, ascending, and its values there."""


def _mean_difference(reference: Points, test: Points, method: str) -> BD:
    """The mean of test minus reference over where both are given."""
    low = float(max(reference[0][0], test[0][0]))
    high = float(min(reference[0][-1], test[0][-1]))
    if low >= high:
        return BD(None, method, "no overlap")
    means = [
        float(interpolation(*points, method).integrate(low, high)) / (high - low)
        for points in (reference, test)
    ]
    shares = [(high - low) / float(points[0][-1] - points[0][0]) for points in (reference, test)]
    return BD(means[1] - means[0], method, "", (low, high), *shares)


def interpolation(x: Float[ndarray, " p"], y: Float[ndarray, " p"], method: str) -> PPoly:
    """A curve through points, x ascending, between the first and the last of them."""
    if method == "cubic":  # one polynomial; shifted, since powers of 40 dB lose digits
        return PPoly(np.polyfit(x - x[0], y, 3)[:, None], x[[0, -1]])
    akima = method == "akima" and len(x) > 2
    return Akima1DInterpolator(x, y) if akima else PchipInterpolator(x, y)


def unfit(line: Line, method: str) -> str:
    """Why a line, ordered by rate, cannot be interpolated over rate; empty if it can."""
    count = len(line.rates_bpp)
    if count < LEAST_POINTS[method]:
        return f"{count} of the {LEAST_POINTS[method]} points that {method} needs"
    if not (np.isfinite(line.rates_bpp).all() and np.isfinite(line.distortions).all()):
        return "a point that is not finite"
    if line.rates_bpp[0] <= 0:
        return "a rate of 0 bpp, which has no logarithm"
    if (np.diff(line.rates_bpp) == 0).any():
        return "one rate stands twice"
    return ""


def _unfit(reference: Line, test: Line, method: str) -> str:
    why = unfit(reference, method)
    return f"the reference: {why}" if why else unfit(test, method)


def _unsteady(reference: Line, test: Line, sign: int) -> str:
    for line in (reference, test):
        worse = np.flatnonzero(np.diff(sign * line.distortions) <= 0)
        if len(worse):
            first, second = line.rates_bpp[worse[0]], line.rates_bpp[worse[0] + 1]
            return f"no gain from {first:.4g} to {second:.4g} bpp"
    return ""
