"""Curves of records: the operating points of each tokenizer or system, by rising rate."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from ..errors import ConfigError, did_you_mean
from ..record import Record, plain
from .bd import Line

CODEC_FILES = "codec-files"
"""The protocol of rates that are the sizes of files that a classical codec wrote."""


@dataclass(frozen=True)
class Point:
    """One operating point.

    Attributes:
        settings: what sets it apart inside its system; empty for the system as trained.
        rate: in bpp.
        distortion: of the same images, unless their `n` differ.
        container: of a codec, about how many bytes of each file are no picture.
    """

    settings: Mapping[str, Any]
    rate: Record
    distortion: Record
    container: Record | None = None


@dataclass(frozen=True)
class Curve:
    """All points of one system, or of several that were joined, by rising rate.

    Attributes:
        is_codec: whether its rate is that of the files of a classical codec.
    """

    name: str
    points: Sequence[Point]

    @property
    def is_codec(self) -> bool:
        return all(is_codec(point.rate) for point in self.points)

    def distinct(self) -> list[Point]:
        """The points without those that repeat one: all codes of a stack are the stack itself."""
        found = {(point.rate.value, point.distortion.value): point for point in self.points[::-1]}
        return list(found.values())[::-1]

    def line(self) -> Line:
        """The distinct points as numbers."""
        points = self.distinct()
        return Line(
            np.array([point.rate.value for point in points], dtype=np.float64),
            np.array([point.distortion.value for point in points], dtype=np.float64),
        )


def is_codec(rate: Record) -> bool:
    return rate.protocol == CODEC_FILES


def find_curves(records: Sequence[Record], rate: str, distortion: str) -> list[Curve]:
    """A curve for each tokenizer, system or codec that has both a rate and a distortion.

    A system of a tokenizer and a prior has the distortion of its tokenizer, and its rate where the
    rate belongs to the tokenizer and the distortion to samples. A classical codec has one rate,
    that of its files, which stands beside every rate of tokenizers.

    Args:
        rate, distortion: metrics, such as "rate_nominal_bpp" and "psnr_db".
    """
    rates: dict[str, list[Record]] = {}
    for record in records:
        wanted = "rate_coded_bpp" if is_codec(record) else rate
        if record.metric == wanted:
            rates.setdefault(record.system, []).append(record)
    for record in records:
        if record.metric == distortion and record.tokenizer in rates:
            rates.setdefault(record.system, rates[record.tokenizer])
    found = []
    for name, of_system in rates.items():
        points = _points(name, of_system, records, distortion)
        if points:
            found.append(Curve(name, points))
    return found


def joined(curves: Sequence[Curve], name: str, members: Sequence[str]) -> list[Curve]:
    """The curves with the points of some of them as one, such as one codebook on several grids.

    Raises:
        ConfigError: a member that is no curve, or a name that another curve has.
    """
    if name not in members and name in {curve.name for curve in curves}:
        raise ConfigError(f"A curve is called {name!r} already. Join under another name.")
    points = [
        replace(point, settings={"of": member, **point.settings})
        for member in dict.fromkeys(members)
        for point in curve_called(curves, member).points
    ]
    rest = [curve for curve in curves if curve.name not in members]
    return [Curve(name, by_rate(points)), *rest]


def records_of(curves: Iterable[Curve]) -> list[Record]:
    """The records of all points under the names of their curves, for a report to draw."""
    return [
        record.model_copy(
            update={
                "system": curve.name, "tokenizer": curve.name, "prior": None,
                "settings": dict(point.settings),
            }
        )
        for curve in curves
        for point in curve.points
        for record in (point.rate, point.distortion)
    ]  # fmt: skip


def curve_called(curves: Iterable[Curve], name: str) -> Curve:
    """Raises ConfigError with the nearest name."""
    known = {curve.name: curve for curve in curves}
    if name not in known:
        raise ConfigError(
            f"No curve is called {name!r}.{did_you_mean(name, known)} There are: "
            f"{', '.join(known)}."
        )
    return known[name]


def _points(
    name: str, rates: Sequence[Record], records: Sequence[Record], distortion: str
) -> list[Point]:
    """What varies inside a system stands in the settings of its rates; what a distortion has beyond
    that, such as the size of the set it was compared with, says how it was measured; but where a
    system has one rate, the distortion as trained stands before those of its operating points. Of
    equal settings the first record stands, which is the held-out one."""
    varies = {key for rate in rates for key in rate.settings}
    owners = {name, rates[0].tokenizer}
    others: dict[tuple[str, str], Record] = {}
    own = [record for record in records if record.system in owners]
    for record in sorted(own, key=lambda each: len(each.settings.keys() - varies)):
        others.setdefault((record.metric, _key(record.settings, varies)), record)
    points: dict[str, Point] = {}
    for rate in rates:
        key = _key(rate.settings, varies)
        found, container = others.get((distortion, key)), others.get(("container_bytes", key))
        if found is not None:
            points.setdefault(key, Point(rate.settings, rate, found, container))
    return by_rate(points.values())


def _key(settings: Mapping[str, Any], keep: Iterable[str]) -> str:
    return json.dumps({key: plain(settings[key]) for key in sorted(settings) if key in set(keep)})


def by_rate(points: Iterable[Point]) -> list[Point]:
    return sorted(points, key=lambda point: point.rate.value)
