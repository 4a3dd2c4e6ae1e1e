"""Logarithmic axes that can be read: enough labelled ticks, lines that do not hide each other."""

from collections.abc import Sequence
from itertools import pairwise
from math import ceil, exp, floor, log, log10

FEWEST_TICKS = 3
"""With two a logarithmic axis looks like a linear one."""

OF_SPAN, OF_GAP = 0.03, 0.3
"""Two neighbouring lines part by this share of the axis; all of them together by at most this share
of the smallest gap between places, so that it stays clear which place they belong to."""


def ticks_125(low: float, high: float) -> list[float]:
    """All of 1, 2 and 5 times a power of ten from low to high."""
    powers = range(floor(log10(low)) - 1, ceil(log10(high)) + 2)
    ticks = (float(f"{digit}e{power}") for power in powers for digit in (1, 2, 5))
    return [tick for tick in ticks if low <= tick <= high]


def with_three_ticks(low: float, high: float) -> tuple[float, float]:
    """The limits, widened to the ticks around them, and by one below, where they hold too few."""
    if len(ticks_125(low, high)) >= FEWEST_TICKS:
        return low, high
    outer = ticks_125(low / 10, low)[-1], ticks_125(high, high * 10)[0]
    if len(ticks_125(*outer)) >= FEWEST_TICKS:
        return outer
    below = ticks_125(outer[0] / 10, outer[0])[-2]
    return with_three_ticks(below, outer[1])


def shifts(count: int, places: Sequence[int]) -> list[float]:
    """For each of `count` lines the factor that moves it aside on a logarithmic axis with these
    places; they lie evenly around 1."""
    logs = sorted(log(place) for place in set(places))
    gaps = [right - left for left, right in pairwise(logs)] or [log(2)]
    step = min(OF_SPAN * sum(gaps), OF_GAP * min(gaps) / max(count - 1, 1))
    return [exp(step * (place - (count - 1) / 2)) for place in range(count)]
