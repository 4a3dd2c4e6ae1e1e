"""One record against its control: how far apart, and whether that is more than chance."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import exp
from typing import Literal

from rqbench.api import (
    UNKNOWN,
    ErrorBar,
    Record,
    combined_error,
    holm,
    image_error,
    is_timing,
    student_error,
)

from .arithmetic import logarithm, minus

Verdict = Literal["better", "worse", "undecided"]
SIGNIFICANT = 0.05


@dataclass(frozen=True)
class Comparison:
    """What sets a record apart from its control.

    Attributes:
        amount: record minus control; for timings their ratio, the geometric mean over repeats.
        basis: in words, what the interval rests on, or why there is none.
        is_ratio: whether `amount`, the intervals, `seed_sd` and `smallest_detectable` are ratios.
        low, high: 95% interval over other images (or repeats) and other trainings.
        image_low, image_high: the same over other images (or repeats) alone.
        p: two-sided, below 0.05 exactly where the 95% interval excludes no difference.
        adjusted_p: the same after Holm's correction, once `decide` has seen the whole family.
        n, num_clusters: images and independent things among them; repeats, of timings.
        num_seeds: trainings behind the record.
        seed_sd: standard deviation of the difference from seed to seed; None where the two have
            not the same several seeds.
        smallest_detectable: the true difference that this design finds in 80 of 100 repetitions.
    """

    amount: float
    basis: str
    is_ratio: bool = False
    low: float | None = None
    high: float | None = None
    image_low: float | None = None
    image_high: float | None = None
    p: float | None = None
    adjusted_p: float | None = None
    n: int = 0
    num_clusters: int = 0
    num_seeds: int = 1
    seed_sd: float | None = None
    smallest_detectable: float | None = None

    @property
    def decided(self) -> bool:
        """Whether the two differ by more than chance, all comparisons of the family considered.

        The adjusted p is never below p itself, so the 95% interval then excludes no difference too.
        """
        return self.adjusted_p is not None and self.adjusted_p < SIGNIFICANT

    def verdict(self, higher_is_better: bool | None) -> Verdict:
        """Whether the record beats its control; undecided before `decide`."""
        neutral = 1.0 if self.is_ratio else 0.0
        if not self.decided or higher_is_better is None or self.amount == neutral:
            return "undecided"
        return "better" if (self.amount > neutral) == higher_is_better else "worse"


def decide(comparisons: Sequence[Comparison | None]) -> list[Comparison | None]:
    """The same comparisons with p-values adjusted for each other (Holm).

    Args:
        comparisons: one family, which is everything that one table answers. Those without a p, and
            missing ones, are no part of it and stay as they are.
    """
    p_values = [found.p for found in comparisons if found is not None and found.p is not None]
    adjusted = iter(holm(p_values))
    return [
        replace(found, adjusted_p=next(adjusted))
        if found is not None and found.p is not None
        else found
        for found in comparisons
    ]


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

    Per-image values, and scores without each cluster, are compared in pairs where they are of the
    same images, trainings in pairs where they have the same seeds; else the squares of standard
    errors add. Timings are compared by the logarithm of their ratio, repeat by repeat, since
    repeats are interleaved; what was read once has an interval only from several seeds.
    """
    if terms(record) != terms(against):
        return Comparison(record.value - against.value, "different protocols: not comparable")
    if not is_timing(record.metric):
        return _compared(record, against)
    return _as_ratio(_compared(logarithm(record), logarithm(against)))


def _compared(record: Record, against: Record) -> Comparison:
    apart = minus(record, against)
    images, basis = _images(record, against, apart)
    if apart.seed_values:
        trainings = [student_error(list(apart.seed_values.values()))]
        basis += f", {len(apart.seeds)} seeds"
    else:
        several = [one.seed_values for one in (record, against) if one.seed_values]
        trainings = [student_error(list(values.values())) for values in several]
        if record.seeds != against.seeds:
            basis += f", seeds {_listed(record.seeds)} against {_listed(against.seeds)}"
    found = Comparison(
        apart.value,
        basis,
        n=record.n,
        num_clusters=len(set(record.clusters)) if record.clusters else len(record.raw or ()),
        num_seeds=min(len(record.seeds), len(against.seeds)),
        seed_sd=apart.seed_sd,
    )
    errors = [*([images] if images else []), *trainings]
    if not errors:
        return found
    whole = combined_error(errors)
    low, high = whole.interval(found.amount)
    image_low, image_high = images.interval(found.amount) if images else (None, None)
    return replace(
        found,
        low=low,
        high=high,
        image_low=image_low,
        image_high=image_high,
        p=whole.p_value(found.amount),
        smallest_detectable=whole.smallest_detectable(),
    )


def _images(record: Record, against: Record, apart: Record) -> tuple[ErrorBar | None, str]:
    """The error of a difference that images (or repeats) make, and in words where it is from."""
    paired = image_error(apart)
    if paired and apart.raw:
        if is_timing(record.metric):
            return paired, f"paired, {len(apart.raw)} repeats"
        where = f" in {len(set(apart.clusters))} clusters" if apart.clusters else ""
        return paired, f"paired, n = {len(apart.raw)}{where}"
    if paired:
        return paired, f"paired jackknife over {len(apart.replicates or ())} clusters"
    ours, theirs = image_error(record), image_error(against)
    if ours and theirs:
        return combined_error([ours, theirs]), "not paired: squares of standard errors added"
    if ours or theirs:
        return UNKNOWN, "interval of one side only"
    return None, "no interval: single numbers"


def _as_ratio(found: Comparison) -> Comparison:
    """A difference of logarithms as the ratio that it is."""

    def back(value: float | None) -> float | None:
        return None if value is None else exp(value)

    return replace(
        found,
        amount=exp(found.amount),
        is_ratio=True,
        low=back(found.low),
        high=back(found.high),
        image_low=back(found.image_low),
        image_high=back(found.image_high),
        seed_sd=back(found.seed_sd),
        smallest_detectable=back(found.smallest_detectable),
    )


def _listed(seeds: Sequence[int]) -> str:
    return ", ".join(map(str, seeds))
