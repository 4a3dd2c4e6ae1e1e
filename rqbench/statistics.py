"""Error bars and tests: what is said from a standard error, however it was found.

Interval, p-value and smallest detectable difference follow from one `ErrorBar`, so that they cannot
contradict each other. `resampling` finds the error that images make; `combined_error` adds that of
trainings.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.special import stdtr, stdtridf, stdtrit

_TAIL, _POWER = 0.025, 0.80


@dataclass(frozen=True)
class Interval:
    """A number with its 95% interval.

    Attributes:
        value: the number itself, in the unit of what was measured.
        low, high: the interval; minus and plus infinity where the data say nothing about chance.
        n: values that went into it.
        num_clusters: independent things among them.
        method: how the interval was made, or why there is none.
    """

    value: float
    low: float
    high: float
    n: int
    num_clusters: int
    method: str


@dataclass(frozen=True)
class ErrorBar:
    """How far chance moves a number.

    Attributes:
        standard_error: infinite where the data say nothing about it.
        freedom: degrees of freedom of Student's t, which say how well the error is known.
    """

    standard_error: float
    freedom: float

    @property
    def quantile(self) -> float:
        """Standard errors to each side of a 95% interval."""
        return -float(stdtrit(self.freedom, _TAIL))

    def interval(self, value: float) -> tuple[float, float]:
        """The 95% interval around a value."""
        if not np.isfinite(self.standard_error):
            return -np.inf, np.inf
        half = self.quantile * self.standard_error
        return value - half, value + half

    def p_value(self, amount: float) -> float:
        """Two-sided p of the amount under the hypothesis that in truth it is zero.

        It is below 0.05 exactly where the 95% interval excludes zero.
        """
        if not np.isfinite(self.standard_error):
            return 1.0
        if self.standard_error == 0:
            return float(amount == 0)
        return float(2 * stdtr(self.freedom, -abs(amount) / self.standard_error))

    def smallest_detectable(self) -> float:
        """The true difference that such a design finds (p < 0.05) in 80 of 100 repetitions.

        Source: Bloom 1995, Evaluation Review 19(5), "minimum detectable effect".
        """
        return (self.quantile + float(stdtrit(self.freedom, _POWER))) * self.standard_error


UNKNOWN = ErrorBar(float("inf"), 1.0)


def student_error(values: Sequence[float]) -> ErrorBar:
    """The error of the mean of a few independent values: trainings, or repeats of a timing.

    Unknown from one value, or from values that are not finite.
    """
    array, size = np.asarray(values, dtype=np.float64), len(values)
    if size < 2 or not np.isfinite(array).all():
        return UNKNOWN
    shifted = array - array[0]  # so that equal values have no rounding error for a spread
    return ErrorBar(float(shifted.std(ddof=1) / np.sqrt(size)), float(size - 1))


def combined_error(errors: Sequence[ErrorBar]) -> ErrorBar:
    """The error of a number that several independent things move: variances add.

    The quantile of Student's t is the mean of the parts' own, weighted by their variances: it
    covers 95 to 98% with three seeds, where Satterthwaite's falls to 92% once seeds outweigh
    images. Of images and seeds the sum itself errs to the wide side too, since what one training
    does to one image stands in both; the formula that takes it off once can become negative.

    Source: Cochran 1964, Biometrics 20(1), for the quantile; Cameron, Gelbach and Miller 2011,
    Journal of Business and Economic Statistics 29(2), for two ways of clustering.
    """
    variances = np.array([error.standard_error**2 for error in errors])
    total = float(variances.sum())
    if not np.isfinite(total):
        return UNKNOWN
    if total == 0:
        return errors[0]
    quantile = variances @ np.array([error.quantile for error in errors]) / total
    return ErrorBar(total**0.5, float(stdtridf(1 - _TAIL, quantile)))


def holm(p_values: Sequence[float]) -> list[float]:
    """p-values of one family, adjusted for their number, in the given order.

    Where every true hypothesis is kept that has an adjusted p of 0.05 or more, at most 5% of
    families lose any, however their tests depend on each other.

    Source: Holm 1979, Scandinavian Journal of Statistics 6(2).
    """
    adjusted, largest, left = [0.0] * len(p_values), 0.0, len(p_values)
    for place in sorted(range(left), key=p_values.__getitem__):
        largest = max(largest, min(1.0, left * p_values[place]))
        adjusted[place] = largest
        left -= 1
    return adjusted
