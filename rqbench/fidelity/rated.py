"""A fidelity score with what chance does to it."""

from dataclasses import dataclass, field

from ..metrics.influence import Influence
from ..statistics import UNKNOWN, ErrorBar


@dataclass(frozen=True)
class Rated:
    """
    Attributes:
        score: its name for Inception, such as "fid"; `score_name` makes the metric of it.
        value: the number.
        error: its standard error.
        method: how the error was found, or why there is none.
        settings: what the number depends on besides the protocol: subsets, parts.
        candidate, reference: how much each picture moves it; None where that is not known, or the
            set stands fixed.
        note: what else a reader has to know; empty otherwise.
    """

    score: str
    value: float
    error: ErrorBar = UNKNOWN
    method: str = ""
    settings: dict[str, int] = field(default_factory=dict)
    candidate: Influence | None = None
    reference: Influence | None = None
    note: str = ""

    @property
    def ci95(self) -> tuple[float, float] | None:
        """The 95% interval; None where nothing is known of chance."""
        low, high = self.error.interval(self.value)
        return (low, high) if high < float("inf") else None
