"""Whether two systems differ, measured against one reference."""

from dataclasses import dataclass
from enum import Enum

from rqbench.statistics import ErrorBar

from .influence import Clusters, Measured, total_error


class Pairing(Enum):
    """Which pictures of a comparison belong together, one by one."""

    NONE = "samples"
    CANDIDATES = "reconstructions of one set, against another"
    ALL = "reconstructions, against the pictures themselves"


@dataclass(frozen=True)
class Difference:
    """By how much the first system's score exceeds the second's.

    Attributes:
        value: in the unit of the score.
        error: its standard error.
    """

    value: float
    error: ErrorBar

    @property
    def p_value(self) -> float:
        """Two-sided, under the hypothesis that the two are equal."""
        return self.error.p_value(self.value)

    @property
    def smallest_detectable(self) -> float:
        """The true difference that so many pictures find in 80 of 100 repetitions."""
        return self.error.smallest_detectable()


def score_error(
    measured: Measured, pairing: Pairing = Pairing.NONE, clusters: Clusters = None
) -> ErrorBar:
    """The standard error of one score.

    Args:
        measured: the score.
        pairing: ALL joins each picture with its reconstruction; the others leave the sets apart.
        clusters: the photograph of each candidate, which for ALL is the reference's too; None
            where each picture stands for itself. A reference apart is taken picture by picture.
    """
    if measured.reference is None:
        return measured.candidate.error(clusters)
    if pairing is Pairing.ALL:
        return (measured.reference + measured.candidate).error(clusters)
    return total_error([(measured.reference, None), (measured.candidate, clusters)])


def difference(
    first: Measured, second: Measured, pairing: Pairing = Pairing.NONE, clusters: Clusters = None
) -> Difference:
    """The difference of two scores against one reference, picture by picture where they pair.

    What the reference's pictures do to both scores is taken off first: two systems against one
    reference differ by less than their own error bars say.

    Args:
        first, second: measured against the same reference, in the same order.
        pairing: what else the two share.
        clusters: as in `score_error`.
    """
    value = first.value - second.value
    candidates = [(first.candidate, clusters), (second.candidate, clusters)]
    if pairing is not Pairing.NONE:
        candidates = [(first.candidate - second.candidate, clusters)]
    if first.reference is None or second.reference is None:
        return Difference(value, total_error(candidates))
    shared = first.reference - second.reference
    if pairing is Pairing.ALL:
        return Difference(value, (shared + candidates[0][0]).error(clusters))
    return Difference(value, total_error([(shared, None), *candidates]))
