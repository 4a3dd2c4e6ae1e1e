"""Curves along a swept key: what one name of an experiment became at each of the key's values."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from .curves import Curve, by_rate


def with_swept(curves: Sequence[Curve], sweep: Sequence[Mapping[str, Any]]) -> list[Curve]:
    """The curves with one more for each name and swept key, before its first member.

    It is made of its members as trained, one at each value; members that have further operating
    points stay curves too.

    Args:
        sweep: as in RunData.
    """
    found, known = list(curves), {curve.name: curve for curve in curves}
    for name, members in _lines(sweep).items():
        present = {member: labels for member, labels in members.items() if member in known}
        if len(present) < 2:
            continue
        points = [
            replace(point, settings=labels)
            for member, labels in present.items()
            for point in known[member].points
            if not point.settings
        ]
        place = min(found.index(known[member]) for member in present if known[member] in found)
        found.insert(place, Curve(name, by_rate(points)))
    joined = {member for members in _lines(sweep).values() for member in members}
    return [curve for curve in found if curve.name not in joined or len(curve.distinct()) > 1]


def _lines(sweep: Sequence[Mapping[str, Any]]) -> dict[str, dict[str, dict[str, Any]]]:
    """By the name of the curve, its members with their values of the key.

    One that the other swept keys touch too has a curve for each combination of their values.
    """
    found: dict[tuple[str, str], dict[str, dict[str, dict[str, Any]]]] = {}
    for point in sweep:
        for base, member in point["names"].items():
            for key, value in point["values"].items():
                others = {k: v for k, v in point["values"].items() if k != key}
                label = ", ".join(f"{_short(other)}={others[other]}" for other in others)
                lines = found.setdefault((base, key), {})
                lines.setdefault(label, {})[member] = {_short(key): value}
    named = {}
    for (base, key), lines in found.items():
        alike = len({tuple(members) for members in lines.values()}) == 1
        for label, members in lines.items():
            if len(members) > 1:
                where = "" if alike or not label else f" ({label})"
                named[f"{base} by {_short(key)}{where}"] = members
    return named


def _short(key: str) -> str:
    return key.rpartition(".")[2]
