"""A fidelity score with what chance does to it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from ..metric_names import METRICS, score_name
from ..metrics.difference import Difference, Pairing, difference, score_error
from ..metrics.influence import Measured
from ..resampling import LeftOut, jackknife_error
from ..statistics import UNKNOWN, ErrorBar, Interval, combined_error

INFLUENCES = "influence of each picture, Student t"

_SETS = {"reference": "the reference", "candidate": "the candidate", "both": "pairs"}
"""Which set loses a group, in words."""

_BOUNDS = {
    "precision": (0.0, 1.0), "recall": (0.0, 1.0), "coverage": (0.0, 1.0),
    "density": (0.0, float("inf")), "inception_score": (1.0, float("inf")),
    "fid": (0.0, float("inf")),
}  # fmt: skip
"""What a score cannot leave; a corrected distance and KID may be below zero."""


@dataclass(frozen=True)
class Rated:
    """
    Attributes:
        score: its name for Inception, such as "fid", of which `metric` makes the whole name.
        value: the number.
        settings: what the number depends on besides the protocol: subsets, parts.
        moved: how much each picture moves it, where that is known.
        left_out: otherwise what it becomes without a group of pictures, by the set that loses it.
        chance: its standard error, where more is known than the jackknife of `left_out` tells.
        interval: of a share, whose interval is not symmetric; its standard error is not known.
        note: what else a reader has to know; empty otherwise.
        pairing: whether candidates are the reference's own pictures, reconstructed.
    """

    score: str
    value: float
    settings: dict[str, int] = field(default_factory=dict)
    moved: Measured | None = None
    left_out: Mapping[str, LeftOut] = field(default_factory=dict)
    chance: ErrorBar | None = None
    interval: Interval | None = None
    note: str = ""
    pairing: Pairing = Pairing.NONE

    def metric(self, extractor: str) -> str:
        """The metric's name by this extractor; a share is called alike of all."""
        return self.score if self.score in METRICS else score_name(self.score, extractor)

    @property
    def error(self) -> ErrorBar:
        """The standard error; unknown where nothing is known of chance."""
        if self.moved is not None:
            return score_error(self.moved, self.pairing)
        if self.chance is not None:
            return self.chance
        errors = [jackknife_error(left.replicates) for left in self.left_out.values()]
        return combined_error(errors) if errors else UNKNOWN

    @property
    def method(self) -> str:
        """How the interval is found."""
        if self.interval is not None:
            return self.interval.method
        if self.moved is not None:
            is_fixed = self.moved.reference is None and self.score != "inception_score"
            return f"{INFLUENCES}{'; the reference stands fixed' if is_fixed else ''}"
        counts = {side: len(left.groups) for side, left in self.left_out.items() if left.groups}
        if not counts:
            return "none"
        told = " and ".join(f"{count} groups of {_SETS[side]}" for side, count in counts.items())
        return f"jackknife over {told}, Student t"

    @property
    def ci95(self) -> tuple[float, float] | None:
        """The 95% interval; None where nothing is known of chance."""
        if self.interval is not None:
            low, high = self.interval.low, self.interval.high
        else:
            low, high = self.error.interval(self.value)
        return (low, high) if high < float("inf") else None

    @property
    def possible(self) -> tuple[float, float] | None:
        """What of `ci95` the score can be: to be read, since its width tells no error any more."""
        least, most = _BOUNDS.get(self.score, (-float("inf"), float("inf")))
        return self.ci95 and (max(self.ci95[0], least), min(self.ci95[1], most))


def compare_rated(first: Rated, second: Rated) -> Difference | None:
    """By how much the first exceeds the second, of two systems against one reference.

    What the reference's pictures do to both is taken off, one by one or group by group.

    Returns:
        None where nothing is known of chance.
    """
    if first.moved is not None and second.moved is not None:
        return difference(first.moved, second.moved, first.pairing)
    if first.left_out.keys() != second.left_out.keys() or not first.left_out:
        return None
    value, errors = first.value - second.value, []
    for side, ours in first.left_out.items():
        theirs = second.left_out[side]
        if side != "candidate":
            errors.append(jackknife_error(_minus(ours.replicates, theirs.replicates)))
        else:
            errors += [jackknife_error(ours.replicates), jackknife_error(theirs.replicates)]
    return Difference(value, combined_error(errors))


def _minus(ours: Sequence[float], theirs: Sequence[float]) -> list[float]:
    return [one - other for one, other in zip(ours, theirs, strict=True)]
