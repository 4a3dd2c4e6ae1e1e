"""A fidelity score with what chance does to it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from rqbench.metric_names import METRICS, describe, score_name
from rqbench.resampling import LeftOut, jackknife_error
from rqbench.statistics import UNKNOWN, ErrorBar, Interval, combined_error

from .difference import Difference, difference
from .first_order import first_order
from .influence import Measured

NO_INTERVAL = "none: nothing tells how far chance moves it"

_SETS = {"reference": "the reference", "candidate": "the candidate", "both": "pairs"}
"""Which pictures chance moves, or which lose a group, in words."""


@dataclass(frozen=True)
class Rated:
    """
    Attributes:
        score: its name for Inception, such as "fid", of which `metric` makes the whole name.
        value: the number.
        settings: what the number depends on besides the protocol: subsets, parts.
        moved: how much each picture moves it, where that is known.
        left_out: otherwise what it becomes without a group of pictures, by the set that loses it.
        chances: what each set adds to its standard error, where the jackknife of `left_out` counts
            something twice, which is taken off.
        interval: of a share, whose interval is not symmetric; its standard error is not known.
        note: what else a reader has to know; empty otherwise.
    """

    score: str
    value: float
    settings: dict[str, int] = field(default_factory=dict)
    moved: Measured | None = None
    left_out: Mapping[str, LeftOut] = field(default_factory=dict)
    chances: Mapping[str, ErrorBar] = field(default_factory=dict)
    interval: Interval | None = None
    note: str = ""

    def metric(self, extractor: str) -> str:
        """The metric's name by this extractor; a share is called alike of all."""
        return self.score if self.score in METRICS else score_name(self.score, extractor)

    @property
    def error(self) -> ErrorBar:
        """The standard error; unknown where nothing is known of chance."""
        if self.moved is not None:
            return self.moved.error
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
        if self.ci95 is None:
            return NO_INTERVAL
        if self.moved is not None:
            counts = {side: one.num_photographs for side, one in self.moved.independent.items()}
            told = _listed("photographs", {side: count for side, count in counts.items() if count})
            how = f"influence of each picture{told and f', summed over {told}'}"
        else:
            counts = {side: len(left.groups) for side, left in self.left_out.items()}
            how = f"jackknife over {_listed('groups', counts)}"
            how += ", less what it counts twice" if self.chances else ""
        is_fixed = list(counts) == ["candidate"] and self.score != "inception_score"
        return f"{how}, Student t{'; the reference stands fixed' if is_fixed else ''}"

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
        return self.ci95 and describe(self.score).possible(self.ci95)

    def without(self, labels: Sequence[str]) -> LeftOut:
        """What the score becomes without each group in turn, of pairs or against a fixed reference.

        Args:
            labels: the group of each picture, as the groups of `left_out` were made.
        """
        if self.moved is None:
            [left] = self.left_out.values()
            return left
        [influence] = self.moved.independent.values()
        return first_order(self.value, influence, labels)


def compare_rated(first: Rated, second: Rated) -> Difference | None:
    """By how much the first exceeds the second, of two systems against one reference.

    What the reference's pictures do to both is taken off, one by one or group by group.

    Returns:
        None where nothing is known of chance.
    """
    if first.moved is not None and second.moved is not None:
        return difference(first.moved, second.moved)
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


def _listed(what: str, counts: Mapping[str, int]) -> str:
    """Such as "3 groups of the reference and 4 groups of the candidate"."""
    return " and ".join(f"{count} {what} of {_SETS[side]}" for side, count in counts.items())


def _minus(ours: Sequence[float], theirs: Sequence[float]) -> list[float]:
    return [one - other for one, other in zip(ours, theirs, strict=True)]
