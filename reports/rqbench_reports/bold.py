"""Which numbers of a column are bold: the best, where that is more than chance."""

from collections import defaultdict
from collections.abc import Sequence

from rqbench.api import Record

from .pairing import compare, main_terms, terms

SPENT = frozenset({"codes_per_image", "rate_nominal_bpp", "rate_empirical_bpp"})
"""What a tokenizer spends is where it stands, not a prize."""

OF_ONE_TOKENIZER = frozenset({"rate_prior_bpp", "rate_coded_bpp", "nll_bits_per_image"})
"""Priors compete on the same codes only."""

RULE = (
    "Bold: the best of its column, where its difference to each other value is more than chance: "
    "the 95% interval of the paired difference on the same images excludes zero; for scores of "
    "whole sets, which have no pairs, the intervals do not overlap; for timings, every repeat "
    "agrees. Rates under a prior compete on the same codes only; what is spent is never bold."
)


def best_rows(metric: str, records: Sequence[Record | None]) -> set[int]:
    """The rows that are bold. Numbers of different protocols do not compete."""
    contests: dict[tuple[str, ...], list[int]] = defaultdict(list)
    for row, record in enumerate(records):
        if record is not None and metric not in SPENT:
            own = (record.tokenizer,) if metric in OF_ONE_TOKENIZER else ()
            contests[(*terms(record), *own)].append(row)
    main = main_terms(records)
    return {
        row
        for key, rows in contests.items()
        if key[: len(main)] == main
        for row in rows
        if _beats_all(records, row, rows)
    }


def _beats_all(records: Sequence[Record | None], row: int, rows: Sequence[int]) -> bool:
    record = records[row]
    others = [other for place in rows if place != row and (other := records[place]) is not None]
    return (
        record is not None
        and bool(others)
        and all(
            compare(record, other).verdict(record.higher_is_better) == "better" for other in others
        )
    )
