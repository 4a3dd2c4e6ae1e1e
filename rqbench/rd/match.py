"""Matched comparison: every curve read at one budget of bits, codes, operations or seconds."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from ..pooling import image_error
from ..resampling import bootstrap_error
from ..statistics import ErrorBar, combined_error
from .bd import Line, Method, interpolation, unfit
from .compare_curves import measured_apart
from .curves import Curve, Point
from .redraws import redraw

TOLERANCE = 0.02
"""A point this near to the budget, as a share of it, is read as it is."""

ROUNDING = 1e-12

UNREACHED = 0.01
"""Share of the draws of images in which either end of a curve may miss a budget that we choose."""

Ends = tuple[float, float]
Reader = Callable[[Line], float | None]


@dataclass(frozen=True)
class Reading:
    """One curve at the budget.

    Attributes:
        value: None where the curve does not reach the budget.
        ci95: over images alone.
        how: interpolated, a point, or why there is no value.
        nearest: budget and value of the nearest point.
        difference: to the reference's value.
        difference_ci95: over images alone, the same ones for both.
        note: how that interval was made, or why there is none.
    """

    name: str
    value: float | None
    how: str
    nearest: tuple[float, float]
    ci95: Ends | None = None
    difference: float | None = None
    difference_ci95: Ends | None = None
    note: str = ""


@dataclass(frozen=True)
class Matched:
    """All curves at one budget.

    Attributes:
        axis: "bits", "codes", "flops" or "seconds".
        metric: what is held equal.
        chosen: why at this value.
        against: the reference; empty where none reaches the budget.
    """

    axis: str
    metric: str
    budget: float
    chosen: str
    method: Method
    against: str
    readings: Sequence[Reading]


def match_curves(
    curves: Sequence[Curve],
    references: Sequence[Curve],
    axis: str,
    budget: float | None = None,
    method: Method = "akima",
) -> Matched:
    """Read every curve at an equal budget, interpolated over its logarithm and never beyond it.

    Where a curve cannot be interpolated, a point within TOLERANCE of the budget stands for itself,
    so that systems of one point can be compared where their budgets agree.

    Args:
        curves: whose rate is the budget.
        references: the first of these that reaches the budget is what others are compared with.
        budget: by default one that most curves reach, codecs counted last; see `_widest`.
    """
    chosen = "as asked"
    if budget is None:
        budget, count = _widest(curves, method)
        chosen = f"chosen, since {count} of {len(curves)} reach it"
    reads = (_read(reference, budget, method) for reference in references)
    base = next((read for read in reads if read), None)
    readings = [_reading(curve, base, budget, method) for curve in curves]
    metric, against = curves[0].points[0].rate.metric, base.curve.name if base else ""
    return Matched(axis, metric, budget, chosen, method, against, readings)


def value_at(line: Line, rate: float, method: Method) -> float | None:
    """The distortion at a rate; None outside the line, or where it cannot be interpolated."""
    line = line.by_rate()
    if unfit(line, method) or not line.rates_bpp[0] <= rate <= line.rates_bpp[-1]:
        return None
    return float(interpolation(np.log(line.rates_bpp), line.distortions, method)(np.log(rate)))


@dataclass(frozen=True)
class _Read:
    """How a curve is read at a budget: over any images, from this point, if it is one."""

    curve: Curve
    at: Callable[[Line], float | None]
    point: Point | None = None

    @property
    def value(self) -> float:
        found = self.at(self.curve.line())
        assert found is not None  # else it would not be read so
        return found


def _widest(curves: Sequence[Curve], method: Method) -> tuple[float, int]:
    """A budget that most curves reach, and how many do: of several that of a point before one
    between points, and the largest."""
    reaches = [(curve.is_codec, _reach(curve, method)) for curve in curves]
    points = {point.rate.value for curve in curves for point in curve.points}
    ends = {high for _, reach in reaches for _, high in reach}

    def merit(budget: float) -> tuple[int, int, bool, float]:
        is_codec = [is_codec for is_codec, reach in reaches if _holds(reach, budget)]
        return len(is_codec) - sum(is_codec), len(is_codec), budget in points, budget

    widest = max(points | ends, key=merit)
    return widest, merit(widest)[1]


def _reach(curve: Curve, method: Method) -> list[Ends]:
    """The budgets at which a curve has a value over nearly any images, as one range, or one for
    each point that stands for itself."""
    if unfit(curve.line().by_rate(), method):
        rates = (point.rate.value for point in curve.distinct())
        return [(rate / (1 + TOLERANCE), rate * (1 + TOLERANCE)) for rate in rates]
    lines, redraws = [curve.line()], redraw([curve])
    if not isinstance(redraws, str):
        lines = [*redraws.lines[0], *lines]
    low = np.quantile([line.rates_bpp.min() for line in lines], 1 - UNREACHED, method="higher")
    high = np.quantile([line.rates_bpp.max() for line in lines], UNREACHED, method="lower")
    return [(float(low), float(high))]


def _holds(reach: Sequence[Ends], budget: float) -> bool:
    return any(low <= budget <= high for low, high in reach)


def _read(curve: Curve, budget: float, method: Method) -> _Read | None:
    if value_at(curve.line(), budget, method) is not None:
        return _Read(curve, lambda line: value_at(line, budget, method))
    place, nearest = _nearest(curve, budget)
    if abs(np.log(nearest.rate.value / budget)) <= np.log(1 + TOLERANCE) + ROUNDING:
        return _Read(curve, lambda line: float(line.distortions[place]), nearest)
    return None


def _nearest(curve: Curve, budget: float) -> tuple[int, Point]:
    """A place among the distinct points, and the point there."""
    points = enumerate(curve.distinct())
    return min(points, key=lambda each: abs(np.log(each[1].rate.value / budget)))


def _reading(curve: Curve, base: _Read | None, budget: float, method: Method) -> Reading:
    point = _nearest(curve, budget)[1]
    nearest = point.rate.value, point.distortion.value
    read = _read(curve, budget, method)
    if read is None:
        return Reading(curve.name, None, _why_not(curve, budget, method), nearest)
    how = "a point" if read.point else "interpolated"
    error, note = _error([read])
    ci95 = error.interval(read.value) if error else None
    alone = Reading(curve.name, read.value, how, nearest, ci95, note=note)
    if base is None or curve is base.curve:
        return alone
    apart = measured_apart(base.curve, curve)
    if apart:
        return replace(alone, note=apart)
    error, note = _error([base, read])
    difference = read.value - base.value
    between = error.interval(difference) if error else None
    return replace(alone, difference=difference, difference_ci95=between, note=note)


def _why_not(curve: Curve, budget: float, method: Method) -> str:
    line = curve.line().by_rate()
    if line.rates_bpp[0] <= budget <= line.rates_bpp[-1]:
        return f"no point there, and {unfit(line, method)}"
    return "out of reach"


def _error(reads: Sequence[_Read]) -> tuple[ErrorBar | None, str]:
    """The error of what is read, or of the second less the first, and how it was found."""
    redraws = redraw([read.curve for read in reads])
    if not isinstance(redraws, str):
        drawn = [
            _last_less_first([read.at(line) for read, line in zip(reads, lines, strict=True)])
            for lines in zip(*redraws.lines, strict=True)
        ]
        error = redraws.error(drawn)
        return (None, error) if isinstance(error, str) else (error, redraws.method)
    paired = _paired([read.point for read in reads])
    if paired:
        return paired, "bootstrap, paired by image; the budgets as they are"
    errors = [image_error(read.point.distortion) if read.point else None for read in reads]
    known = [error for error in errors if error]
    if len(known) < len(reads):
        return None, redraws
    return combined_error(known), "not paired: squares of standard errors added"


def _paired(points: Sequence[Point | None]) -> ErrorBar | None:
    """The error of the difference of two points, or None where they do not hold values of the same
    images. Their rates may: those are held as they are."""
    records = [point.distortion for point in points if point]
    if len(records) != 2 or len(points) != 2:
        return None
    first, second = records
    if not first.raw or not second.raw or first.clusters != second.clusters:
        return None
    if len(first.raw) != len(second.raw):
        return None
    return bootstrap_error(np.subtract(second.raw, first.raw).tolist(), first.clusters)


def _last_less_first(values: Sequence[float | None]) -> float | None:
    present = [value for value in values if value is not None]
    if len(present) < len(values):
        return None
    return present[-1] - present[0] if len(present) > 1 else present[0]
