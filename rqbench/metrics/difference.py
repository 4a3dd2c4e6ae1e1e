"""Whether two systems differ, measured against one reference."""

from dataclasses import dataclass

from rqbench.statistics import ErrorBar

from .influence import Measured, total_error


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


def difference(first: Measured, second: Measured) -> Difference:
    """The difference of two scores against one reference, picture by picture where they pair.

    What the reference's pictures do to both scores is taken off first: two systems against one
    reference differ by less than their own error bars say.

    Args:
        first, second: measured against the same reference, in the same order, and both paired with
            it or neither.
    """
    value = first.value - second.value
    candidates = [first.candidate, second.candidate]
    if first.is_paired:
        candidates = [first.candidate - second.candidate]
    if first.reference is None or second.reference is None:
        return Difference(value, total_error(candidates))
    shared = first.reference - second.reference
    if first.is_paired:
        return Difference(value, (shared + candidates[0]).error())
    return Difference(value, total_error([shared, *candidates]))
