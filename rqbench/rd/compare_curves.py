"""One curve against another: BD-rate and BD-distortion with intervals over images."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from jaxtyping import Float
from numpy import ndarray

from ..record import Record
from ..resampling import resampled_means
from ..statistics import ErrorBar
from .bd import BD, Line, Method, bd_distortion, bd_rate
from .curves import Curve, Point

Quantity = Literal["rate", "distortion"]
LEAST_SHARE = 0.5
"""Where fewer of the draws have a value, those that do are too special for an interval."""


@dataclass(frozen=True)
class Difference:
    """A BD value and what other images would have made of it.

    Attributes:
        ci95: None where `note` says why.
        draws, draws_with_value: resamples of whole photographs, and those of them with an overlap.
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
    all means here. Curves that were measured differently are not compared.
    """
    better = test.points[0].distortion.higher_is_better is not False

    def rate(one: Line, other: Line) -> BD:
        return bd_rate(one, other, method, better)

    def distortion(one: Line, other: Line) -> BD:
        return bd_distortion(one, other, method)

    apart = _measured_apart(reference, test)
    if apart:
        nothing = Difference(BD(None, method, apart))
        return Comparison(test.name, reference.name, nothing, nothing)
    return Comparison(
        test.name, reference.name,
        _difference(reference, test, rate, "rate"),
        _difference(reference, test, distortion, "distortion"),
    )  # fmt: skip


def _difference(
    reference: Curve, test: Curve, bd: Callable[[Line, Line], BD], quantity: Quantity
) -> Difference:
    value = bd(reference.line(), test.line())
    if value.value is None:
        return Difference(value)
    clusters = _shared_clusters([*reference.distinct(), *test.distinct()])
    if clusters is None:
        return Difference(value, note="no interval: not all points hold values of the same images")
    size = len(set(clusters))
    if size == 1:
        return Difference(value, note="no interval: one cluster has no spread")
    ones, others = _resampled(reference, clusters), _resampled(test, clusters)
    drawn = [bd(one, other).value for one, other in zip(ones, others, strict=True)]
    values = np.array([each for each in drawn if each is not None])
    if len(values) < LEAST_SHARE * len(drawn):
        note = f"no interval: {len(values)} of {len(drawn)} draws have a value"
        return Difference(value, None, len(drawn), len(values), note)
    spread = float(_scaled(values, quantity).std()) * np.sqrt(size / (size - 1))
    centre = float(_scaled(np.array([value.value]), quantity)[0])
    ends = np.array(ErrorBar(spread, size - 1.0).interval(centre))
    low, high = (100 * np.expm1(ends) if quantity == "rate" else ends).tolist()
    note = f"bootstrap of {size} clusters, Student t"
    return Difference(value, (low, high), len(drawn), len(values), note)


def _scaled(values: Float[ndarray, " n"], quantity: Quantity) -> Float[ndarray, " n"]:
    """Percent as the logarithm of the ratio, where a half and the double are equally far."""
    return np.log1p(values / 100) if quantity == "rate" else values


def _resampled(curve: Curve, clusters: Sequence[str]) -> list[Line]:
    points = curve.distinct()
    rates = _draws([point.rate for point in points], clusters)
    distortions = _draws([point.distortion for point in points], clusters)
    return [Line(*both) for both in zip(rates, distortions, strict=True)]


def _draws(records: Sequence[Record], clusters: Sequence[str]) -> Float[ndarray, "draws p"]:
    """The mean of each record in every draw."""
    return np.stack([resampled_means(record.raw or (), clusters) for record in records], axis=1)


def _shared_clusters(points: Sequence[Point]) -> list[str] | None:
    """The photograph of each value, where all points hold values of the same images."""
    records = [record for point in points for record in (point.rate, point.distortion)]
    first = records[0].clusters
    same = all(
        record.raw and record.clusters == first and len(record.raw) == len(first or ())
        for record in records
    )
    return first if same else None


def _measured_apart(reference: Curve, test: Curve) -> str:
    """Why the distortions of two curves are no numbers of one kind; empty if they are."""
    terms = {
        (record.protocol, record.protocol_hash, record.data, record.split)
        for curve in (reference, test)
        for record in (point.distortion for point in curve.points)
    }
    return "" if len(terms) == 1 else "measured by different protocols"
