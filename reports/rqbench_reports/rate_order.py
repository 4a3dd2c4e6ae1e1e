"""What is said below the four rates: where their order is not the usual one, and what has none."""

from collections.abc import Callable, Sequence
from itertools import pairwise

from rqbench.api import Record

from .wording import decimals, number, wording

FALLING = ("rate_nominal_bpp", "rate_empirical_bpp", "rate_prior_bpp")
"""Each knows more of the codes than the one before it."""

CODED = (
    "coded: streams of bytes, read back and compared, without headers; n says of how many images, "
    "spread evenly over all photographs. overhead: by how much streams are longer than the "
    "prior's log-likelihood of the same images."
)

Find = Callable[[str, str], Record | None]
"""(row, metric) -> the record that stands for it."""


def rate_remarks(rows: Sequence[str], find: Find) -> list[str]:
    """Lines for the foot: rates out of order in the mean, streams that are longer than they should
    be, and systems that were not coded."""
    rising = [said for row in rows for said in _rising(row, find)]
    long = [said for row in rows for said in _long(row, find)]
    bare = [row for row in rows if find(row, FALLING[-1]) and not find(row, "rate_coded_bpp")]
    lines = [CODED] if any(find(row, "rate_coded_bpp") for row in rows) else []
    priors = [said for row in rows for said in _prior_of_coded(row, find)]
    if priors:
        lines.append(f"The prior's rate of the images that were coded: {'; '.join(priors)} bpp.")
    if rising:
        lines.append(f"Out of order, nominal ≥ empirical ≥ prior: {'; '.join(rising)}.")
    if long:
        lines.append(f"Coded in more than 1% and 8 B beyond the likelihood: {'; '.join(long)}.")
    if bare:
        named = "all systems" if len(bare) == len(rows) > 1 else ", ".join(bare)
        lines.append(f"Not coded: {named}.")
    return lines


def _rising(row: str, find: Find) -> list[str]:
    """Pairs of neighbours of which the second is larger as it is printed; the ends count as such
    where the middle is missing."""
    found = [record for metric in FALLING if (record := find(row, metric))]
    said = []
    for higher, lower in pairwise(found):
        places = decimals(higher.metric, [higher.value])
        if round(lower.value, places) > round(higher.value, places):
            one, other = (
                f"{wording(each.metric).title} {number(each.value, places)}"
                for each in (lower, higher)
            )
            said.append(f"{row} ({one} above {other} bpp)")
    return said


def _prior_of_coded(row: str, find: Find) -> list[str]:
    """What the coded rate has to be compared with, where not all images were coded."""
    prior, coded = find(row, FALLING[-1]), find(row, "rate_coded_bpp")
    if prior is None or coded is None or not prior.raw or not coded.images:
        return []
    mean = sum(prior.raw[image] for image in coded.images) / len(coded.images)
    return [f"{row} {number(mean, decimals(prior.metric, [mean]))}"]


def _long(row: str, find: Find) -> list[str]:
    overhead, likelihood = find(row, "coding_overhead_bytes"), find(row, "nll_bits_per_image")
    if overhead is None or likelihood is None:
        return []
    expected = likelihood.value / 8
    if overhead.value <= 0.01 * expected + 8:
        return []
    return [f"{row} ({number(overhead.value, 1)} B, likelihood {number(expected, 1)} B)"]
