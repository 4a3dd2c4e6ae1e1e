"""One record against its control: how far apart, and whether that is more than chance."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median
from typing import Literal

from rqbench.api import Record, excludes_zero, is_timing, paired_difference

Verdict = Literal["better", "worse", "undecided"]


@dataclass(frozen=True)
class Comparison:
    """What sets a record apart from its control.

    Attributes:
        amount: record minus control; for timings the ratio of their medians.
        low, high: 95% interval of a paired difference, or the range of the per-repeat ratios.
        decided: whether the two differ by more than chance.
        basis: in words, how that was decided.
    """

    amount: float
    low: float | None
    high: float | None
    decided: bool
    basis: str
    is_ratio: bool = False

    def verdict(self, higher_is_better: bool | None) -> Verdict:
        """Whether the record beats its control."""
        neutral = 1.0 if self.is_ratio else 0.0
        if not self.decided or higher_is_better is None or self.amount == neutral:
            return "undecided"
        return "better" if (self.amount > neutral) == higher_is_better else "worse"


def terms(record: Record) -> tuple[str, ...]:
    """What must agree before two numbers may be compared; for timings the machine too."""
    machine = (record.environment,) if is_timing(record.metric) else ()
    return (record.protocol, record.protocol_hash, record.data, record.split, *machine)


def main_terms(records: Sequence[Record | None]) -> tuple[str, ...]:
    """The terms on which most of a column was measured; the first of equals."""
    common = Counter(terms(record) for record in records if record is not None).most_common(1)
    return common[0][0] if common else ()


def compare(record: Record, against: Record) -> Comparison:
    """Set a record beside its control.

    Per-image values of the same images are compared in pairs; timings by their ratio, repeat by
    repeat, since repeats are interleaved; scores of whole sets by whether their intervals part.
    """
    difference = record.value - against.value
    if terms(record) != terms(against):
        return Comparison(difference, None, None, False, "different protocols: not comparable")
    if is_timing(record.metric):
        return _ratio(record, against)
    if record.raw and against.raw and _same_images(record, against):
        interval = paired_difference(record.raw, against.raw, record.clusters)
        basis = f"paired, n = {interval.n}"
        if record.clusters:
            basis += f" in {interval.num_clusters} clusters"
        return Comparison(
            interval.value, interval.low, interval.high, excludes_zero(interval), basis
        )
    if record.ci95 and against.ci95:
        apart = record.ci95[0] > against.ci95[1] or record.ci95[1] < against.ci95[0]
        basis = f"no paired interval; the 95% intervals {'do not ' if apart else ''}overlap"
        return Comparison(difference, None, None, apart, basis)
    return Comparison(difference, None, None, False, "no paired interval")


def line_between(low: Record, high: Record, share: float, name: str) -> Record:
    """The straight line between two records, image by image, at `share` of the way to `high`.

    The result goes by `name` and has no interval of its own; `low` and `high` must agree in their
    `terms`.
    """
    raw = None
    if low.raw and high.raw and _same_images(low, high):
        pairs = zip(low.raw, high.raw, strict=True)
        raw = [(1 - share) * left + share * right for left, right in pairs]
    return low.model_copy(
        update={
            "system": name,
            "value": (1 - share) * low.value + share * high.value,
            "raw": raw,
            "ci95": None,
        }
    )


def _same_images(record: Record, against: Record) -> bool:
    return len(record.raw or ()) == len(against.raw or ()) and record.clusters == against.clusters


def _ratio(record: Record, against: Record) -> Comparison:
    if not record.raw or not against.raw:
        ratio = record.value / against.value
        return Comparison(ratio, None, None, False, "ratio of single readings", True)
    ratio = median(record.raw) / median(against.raw)
    if len(record.raw) != len(against.raw):
        return Comparison(ratio, None, None, False, "ratio of medians; unequal repeats", True)
    ratios = [ours / theirs for ours, theirs in zip(record.raw, against.raw, strict=True)]
    low, high = min(ratios), max(ratios)
    basis = f"ratio of medians, range over {len(ratios)} repeats"
    return Comparison(ratio, low, high, not low <= 1 <= high, basis, True)
