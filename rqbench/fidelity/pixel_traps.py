"""Traps that pixels show: pictures that were enlarged, and sets that pair or do not."""

from collections.abc import Sequence

import numpy as np

from .enlarged import fine_shares, is_doubled
from .pairs import look_paired
from .side import Met, Side, looked_at

_LEAST_FINE = 0.0015  # of photographs as they are 0.017 and more
_LEAST_RATIO = 0.25


def upscaled(sides: Sequence[Side], side_px: int) -> Met:
    """Enlarged before, by their pixels, or much enlarged by the protocol itself."""
    said, medians = [], []
    for side in sides:
        pictures = looked_at(side)
        shares = fine_shares(pictures)
        medians.append(float(np.median(shares)) if len(shares) else np.nan)
        if pictures and np.mean([is_doubled(picture) for picture in pictures]) > 0.5:
            said.append(f"{side.name} repeats its pixels, as if enlarged by nearest neighbour")
        small = [min(fact.width, fact.height) for fact in side.facts]
        if small and 2 * np.median(small) < side_px:
            times = side_px / np.median(small)
            said.append(f"the extractor's {side_px} px enlarge {side.name} {times:.1f} times")
    for side, share, other in zip(sides, medians, reversed(medians), strict=True):
        if share < _LEAST_FINE or share < _LEAST_RATIO * other:
            said.append(
                f"{side.name} has {share:.3%} of its power in the finest detail (photographs as "
                "they are 1.7% and more), as if enlarged or blurred"
            )
    if not said:
        return None
    return "upscaled", (
        f"{'; '.join(said)}. Enlarged pictures share their smoothness, which the score takes for "
        "likeness or for a difference: compare pictures at the size at which they were made."
    )


def paired(reference: Side, candidate: Side) -> Met:
    """Reconstructions that are scored as if they were samples."""
    if reference.n != candidate.n or not look_paired(looked_at(reference), looked_at(candidate)):
        return None
    return "paired", (
        f"{candidate.name} looks like reconstructions of {reference.name}, picture by picture. The "
        "corrected distance and all errors take the two for independent: add --paired."
    )


def not_paired(reference: Side, candidate: Side) -> Met:
    """Pictures that are said to be reconstructions and do not look it."""
    pictures = looked_at(reference), looked_at(candidate)
    if len(pictures[0]) < 3 or look_paired(*pictures):
        return None
    return "not-paired", (
        f"{candidate.name} does not look like reconstructions of {reference.name} in the same "
        "order, and --paired takes them for that: compare the order of their names."
    )
