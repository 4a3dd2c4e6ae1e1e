"""The median of repeats, with an interval that assumes nothing of how they scatter."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import comb
from statistics import median

_WANTED = 0.95


@dataclass(frozen=True)
class Median:
    """
    Attributes:
        low, high: two of the repeats, between which the median of the distribution lies.
        coverage: the probability of that; below 0.95 where there are fewer than six repeats.
    """

    value: float
    low: float
    high: float
    coverage: float

    @property
    def method(self) -> str:
        return f"of the median, from order statistics, which covers it with {self.coverage:.1%}"


def median_of(repeats: Sequence[float]) -> Median:
    """The narrowest pair of order statistics that covers the median with 95%, or the widest.

    Source: David and Nagaraja 2003, Order Statistics, section 7.1.
    """
    ordered, size = sorted(repeats), len(repeats)
    rank = 0
    while rank + 1 < size - rank - 1 and _coverage(size, rank + 1) >= _WANTED:
        rank += 1
    return Median(median(ordered), ordered[rank], ordered[-1 - rank], _coverage(size, rank))


def _coverage(size: int, rank: int) -> float:
    """Of the interval between the values with `rank` others below and above them."""
    outside = sum(comb(size, count) for count in range(rank + 1))
    return 1 - outside * 0.5 ** (size - 1)
