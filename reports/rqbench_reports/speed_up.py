"""How many times as fast as the first a system draws, with an interval where rounds are paired."""

from collections.abc import Sequence
from dataclasses import dataclass

from rqbench.api import median_of

from .speed_rows import SpeedRow

COVERAGE = 0.95
"""What an interval has to cover to be told."""

PUBLISHED = " (published)"
LONGEST_NAME = 12
"""Letters of a name that a column is headed by; a longer one stands in the foot alone."""


@dataclass(frozen=True)
class SpeedUp:
    """
    Attributes:
        over: the system that it is compared with.
        ci95: None where rounds are no pairs, or too few.
        method: how the value was found, and its interval where it has one.
    """

    value: float
    over: str
    ci95: tuple[float, float] | None
    method: str


def speed_up(row: SpeedRow, rows: Sequence[SpeedRow]) -> SpeedUp | None:
    """How many times as fast as the first system at the same batch in the same setting, timed by
    the same protocol; published ones among themselves. None of the first system itself, and where
    either has no speed.

    Systems take turns, so rounds of the same place are pairs: the median of their ratios does not
    feel a machine that drifts. Without pairs it is the ratio of the numbers.
    """
    among = [each for each in rows if each.is_published or each.protocol == row.protocol]
    among = [each for each in among if each.is_published == row.is_published]
    among = [each for each in among if each.setting == row.setting]
    first = among[0].system
    against = next((e for e in among if (e.system, e.batch) == (first, row.batch)), None)
    if row.system == first or against is None:
        return None
    if not against.images_per_s or not row.images_per_s:
        return None
    own, others = _rounds(row), _rounds(against)
    if not own or len(own) != len(others):
        return SpeedUp(row.images_per_s / against.images_per_s, first, None, "ratio of the numbers")
    found = median_of([mine / other for mine, other in zip(own, others, strict=True)])
    told = f"median of the ratios of {len(own)} rounds, each with the other system's of its turn"
    if found.coverage < COVERAGE:
        return SpeedUp(found.value, first, None, f"{told}, too few for a 95% interval")
    method = f"{told}; in brackets: {found.method}"
    return SpeedUp(found.value, first, (found.low, found.high), method)


def _rounds(row: SpeedRow) -> list[float]:
    """Images a second of each round, in their order."""
    record = row.get("sampling_images_per_s")
    return list(record.raw or []) if record is not None else []


def speed_ups(rows: Sequence[SpeedRow]) -> list[SpeedUp]:
    """Of all rows that have one."""
    return [up for row in rows if (up := speed_up(row, rows)) is not None]


def compared_with(ups: Sequence[SpeedUp]) -> str:
    """The systems that others are compared with: one, unless settings begin with different ones."""
    return ", ".join(dict.fromkeys(up.over.replace(PUBLISHED, "") for up in ups))


def over(ups: Sequence[SpeedUp]) -> str:
    """What heads a column or an axis: "over vq"; empty where the name is too long for that."""
    name = compared_with(ups)
    return f"over {name}" if name and len(name) <= LONGEST_NAME else ""


def about_speed_ups(ups: Sequence[SpeedUp]) -> list[str]:
    """The line of a foot: over what, and how the numbers were found."""
    methods = "; or ".join(dict.fromkeys(up.method for up in ups))
    line = f"Speed-up: over {compared_with(ups)}, at the same batch and setting; {methods}."
    return [line] if ups else []
