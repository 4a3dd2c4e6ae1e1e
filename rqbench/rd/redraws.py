"""What other images would have made of curves: the same photographs drawn anew for all of them."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float
from numpy import ndarray

from ..record import Record
from ..resampling import jackknife_error, resampled_means
from ..statistics import ErrorBar
from .bd import Line
from .curves import Curve

LEAST_SHARE = 0.95
"""Where fewer of the draws have a value, those that do are too special for an interval: which
photographs put an end out of reach is no matter of chance."""


@dataclass(frozen=True)
class Redraws:
    """The curves over other images.

    Where all points are means of per-image values, whole photographs are drawn with replacement.
    Where a distortion is a score of a whole set (a Fréchet distance), each is left out in turn.

    Attributes:
        lines: of each curve, its distinct points in every draw.
        size: how many photographs there are.
        leaves_out: whether they were left out rather than drawn.
    """

    lines: Sequence[Sequence[Line]]
    size: int
    leaves_out: bool

    @property
    def method(self) -> str:
        kind = "jackknife" if self.leaves_out else "bootstrap"
        return f"{kind} of {self.size} clusters, Student t"

    def error(self, values: Sequence[float | None]) -> ErrorBar | str:
        """The error of what has these values in the draws, or why there is none."""
        present = [value for value in values if value is not None]
        if len(present) < (1 if self.leaves_out else LEAST_SHARE) * len(values):
            return f"no interval: {len(present)} of {len(values)} draws have a value"
        if self.leaves_out:
            return jackknife_error(present)
        spread = float(np.std(present)) * np.sqrt(self.size / (self.size - 1))
        return ErrorBar(float(spread), self.size - 1.0)


def redraw(curves: Sequence[Curve]) -> Redraws | str:
    """All curves over the same other images, or why there are none."""
    points = [point for curve in curves for point in curve.distinct()]
    records = [point.distortion for point in points]
    records += [point.rate for point in points if not _is_exact(point.rate)]
    sets = [record for record in records if record.replicates]
    means = [record for record in records if not record.replicates]
    clusters = _shared(means) if means else sets[0].clusters
    if clusters is None:
        return "no interval: not all points hold values of the same images"
    names = sorted(set(clusters))
    if len(names) == 1:
        return "no interval: one cluster has no spread"
    if any(record.clusters != names for record in sets):
        return "no interval: not all scores leave out the same photographs"
    lines = [_lines(curve, clusters, bool(sets)) for curve in curves]
    return Redraws(lines, len(names), bool(sets))


def _lines(curve: Curve, clusters: Sequence[str], leaves_out: bool) -> list[Line]:
    points = curve.distinct()
    rates, distortions = (
        np.stack([_values(record, clusters, leaves_out) for record in some], axis=1)
        for some in ([p.rate for p in points], [p.distortion for p in points])
    )
    return [Line(*both) for both in zip(rates, distortions, strict=True)]


def _values(record: Record, clusters: Sequence[str], leaves_out: bool) -> Float[ndarray, " draws"]:
    """The number of a record in every draw."""
    if record.replicates:
        return np.array(record.replicates)
    values = np.array(record.raw or [record.value] * len(clusters))
    if not leaves_out:
        return resampled_means(values, clusters)
    members = np.array(clusters)
    return np.array([values[members != name].mean() for name in sorted(set(clusters))])


def _is_exact(rate: Record) -> bool:
    """Whether it is the same over any images, as multiply-adds are."""
    return not (rate.raw or rate.replicates or rate.ci95)


def _shared(records: Sequence[Record]) -> list[str] | None:
    """The photograph of each value, where all records hold values of the same images."""
    first = records[0].clusters
    same = all(
        record.raw and record.clusters == first and len(record.raw) == len(first or ())
        for record in records
    )
    return first if same else None
