"""Rates and distortions over the images alone whose rate is known, where that was not measured on
all."""

from collections.abc import Sequence
from dataclasses import replace

from ..record import Record
from ..resampling import bootstrap_error, mean_interval
from ..statistics import combined_error, student_error
from .curves import Curve


def on_same_images(curves: Sequence[Curve]) -> list[Curve]:
    """All curves over the images whose rates are known; as they are where those are all images, or
    not the same for all curves that say which they are, and where a curve is of other data."""
    told = {
        _which(point.rate): point.rate
        for curve in curves
        for point in curve.points
        if point.rate.images
    }
    if len(told) != 1:
        return list(curves)
    (some,) = told.values()
    return [
        replace(
            curve,
            points=[
                replace(
                    point,
                    rate=over_images_of(some, point.rate),
                    distortion=over_images_of(some, point.distortion),
                )
                for point in curve.points
            ],
        )
        for curve in curves
    ]


def over_images_of(some: Record, record: Record) -> Record:
    """The mean over the images of `some` alone; the record itself where it is no mean over all
    images of the same data.

    Of several trainings the spread is that of their means over all images, which the record holds.
    """
    images = some.images or []
    if record.raw is None or record.clusters is None or record.images is not None:
        return record
    if max(images, default=0) >= len(record.raw) or _data(record) != _data(some):
        return record
    values, clusters = [record.raw[at] for at in images], [record.clusters[at] for at in images]
    if clusters != some.clusters:
        return record
    alone = mean_interval(values, clusters)
    ends, method = (alone.low, alone.high), alone.method
    if record.seed_values:
        trainings = student_error(list(record.seed_values.values()))
        both = combined_error([bootstrap_error(values, clusters), trainings])
        ends, method = both.interval(alone.value), f"{method}; and over seeds, variances added"
    return record.model_copy(
        update={
            "value": alone.value, "ci95": ends, "ci_method": method, "n": len(values),
            "raw": values, "clusters": clusters, "images": list(images),
            "image_ci95": (alone.low, alone.high) if record.seed_values else None,
        }
    )  # fmt: skip


def _which(rate: Record) -> tuple[object, ...]:
    return (*_data(rate), *(rate.images or ()))


def _data(record: Record) -> tuple[str, str]:
    return record.data, record.split
