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
        chances: what each set adds to its standard error, where more is known than the jackknife of
            `left_out` tells.
        interval: of a share, whose interval is not symmetric; its standard error is not known.
        note: what else a reader has to know; empty otherwise.
        pairing: whether candidates are the reference's own pictures, reconstructed.
    """

    score: str
    value: float
    settings: dict[str, int] = field(default_factory=dict)
    moved: Measured | None = None
    left_out: Mapping[str, LeftOut] = field(default_factory=dict)
    chances: Mapping[str, ErrorBar] = field(default_factory=dict)
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
        error = combined_error([self._of(side) for side in self.left_out] or [UNKNOWN])
        return error if error.standard_error > 0 else UNKNOWN  # no group that is left out says more

    def _of(self, side: str) -> ErrorBar:
        """What one set adds."""
        return self.chances.get(side) or jackknife_error(self.left_out[side].replicates)

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
        fixed = "; the reference stands fixed" if list(counts) == ["candidate"] else ""
        return f"jackknife over {told}, Student t{fixed}"

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
    if first.left_out.keys() != second.left_out.keys() or UNKNOWN in (first.error, second.error):
        return None
    value, errors = first.value - second.value, []
    for side, ours in first.left_out.items():
        theirs = second.left_out[side]
        if side != "candidate":
            errors.append(jackknife_error(_minus(ours.replicates, theirs.replicates)))
        else:
            errors += [first._of(side), second._of(side)]
    return Difference(value, combined_error(errors))


def _minus(ours: Sequence[float], theirs: Sequence[float]) -> list[float]:
    return [one - other for one, other in zip(ours, theirs, strict=True)]
