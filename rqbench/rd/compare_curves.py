"""One curve against another: BD-rate and BD-distortion with intervals over images."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import numpy as np

from .bd import BD, Line, Method, bd_distortion, bd_rate
from .curves import Curve
from .redraws import Redraws, redraw

Quantity = Literal["rate", "distortion"]


@dataclass(frozen=True)
class Difference:
    """A BD value and what other images would have made of it.

    Attributes:
        ci95: None where `note` says why.
        draws, draws_with_value: times that photographs were drawn or left out, and those of them
            with an overlap.
        note: how the interval was made, or why there is none.
    """

    bd: BD
    ci95: tuple[float, float] | None = None
    draws: int = 0
    draws_with_value: int = 0
    note: str = ""


@dataclass(frozen=True)
class Comparison:
    """One curve against the reference.

    Attributes:
        rate: percent of rate at equal distortion.
        distortion: difference at equal rate, in the unit of the measure.
    """

    name: str
    against: str
    rate: Difference
    distortion: Difference


def compare_curves(reference: Curve, test: Curve, method: Method = "akima") -> Comparison:
    """How far the test curve lies from the reference.

    Intervals are over images alone: whole photographs are drawn with replacement, the same ones for
    both curves, the points averaged again and the value found anew. The standard deviation of the
    draws is the standard error (of the logarithm of the ratio, for rates) under Student's t, as for
    all means here; scores of whole sets have a jackknife instead. Curves that were measured
    differently are not compared.
    """
    better = test.points[0].distortion.higher_is_better is not False

    def rate(one: Line, other: Line) -> BD:
        return bd_rate(one, other, method, better)

    def distortion(one: Line, other: Line) -> BD:
        return bd_distortion(one, other, method)

    apart = measured_apart(reference, test)
    if apart:
        nothing = Difference(BD(None, method, apart))
        return Comparison(test.name, reference.name, nothing, nothing)
    lines, redraws = (reference.line(), test.line()), redraw([reference, test])
    return Comparison(
        test.name, reference.name,
        _difference(rate(*lines), redraws, rate, "rate"),
        _difference(distortion(*lines), redraws, distortion, "distortion"),
    )  # fmt: skip


def _difference(
    value: BD, redraws: Redraws | str, bd: Callable[[Line, Line], BD], quantity: Quantity
) -> Difference:
    if value.value is None:
        return Difference(value)
    if isinstance(redraws, str):
        return Difference(value, note=redraws)
    drawn = [bd(one, other).value for one, other in zip(*redraws.lines, strict=True)]
    error = redraws.error([None if each is None else _scaled(each, quantity) for each in drawn])
    counts = len(drawn), sum(each is not None for each in drawn)
    if isinstance(error, str):
        return Difference(value, None, *counts, error)
    ends = np.array(error.interval(_scaled(value.value, quantity)))
    low, high = (100 * np.expm1(ends) if quantity == "rate" else ends).tolist()
    return Difference(value, (low, high), *counts, redraws.method)


def _scaled(value: float, quantity: Quantity) -> float:
    """Percent as the logarithm of the ratio, where a half and the double are equally far."""
    return float(np.log1p(value / 100)) if quantity == "rate" else value


def measured_apart(reference: Curve, test: Curve) -> str:
    """Why the distortions of two curves are no numbers of one kind; empty if they are."""
    terms = {
        (record.protocol, record.protocol_hash, record.data, record.split)
        for curve in (reference, test)
        for record in (point.distortion for point in curve.points)
    }
    return "" if len(terms) == 1 else "measured by different protocols"
