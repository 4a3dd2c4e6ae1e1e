"""Which numbers of a column are bold: the best, where that is more than chance."""

from collections import Counter, defaultdict
from collections.abc import Sequence
from itertools import combinations

from rqbench.api import Record

from .pairing import compare, decide, main_terms, terms

SPENT = frozenset(
    {"codes_per_image", "rate_nominal_bpp", "rate_empirical_bpp", "coding_overhead_bytes"}
)
"""What a tokenizer spends is where it stands, not a prize; bytes are rounded up for all alike."""

OF_ONE_TOKENIZER = frozenset(
    {"rate_prior_bpp", "rate_prior_side_bpp", "rate_coded_bpp", "nll_bits_per_image"}
)
"""Priors compete on the same codes only."""

RULE = (
    "Bold: the best of its column, where its difference to each other value is more than chance: "
    "p < 0.05, two-sided, after Holm's correction for all pairs of the column (the 95% interval "
    "then excludes no difference). Rates under a prior compete on the same codes only; what is "
    "spent is never bold."
)


def best_rows(metric: str, records: Sequence[Record | None]) -> set[int]:
    """The rows that are bold. Numbers of different protocols do not compete."""
    main = main_terms(records)
    contests: dict[str, list[tuple[int, Record]]] = defaultdict(list)
    for row, record in enumerate(records):
        if record is not None and metric not in SPENT and terms(record) == main:
            own = record.tokenizer if metric in OF_ONE_TOKENIZER else ""
            contests[own].append((row, record))
    wins = _wins([pair for rows in contests.values() for pair in combinations(rows, 2)])
    return {
        row
        for rows in contests.values()
        for row, _ in rows
        if len(rows) > 1 and wins[row] == len(rows) - 1
    }


def _wins(pairs: Sequence[tuple[tuple[int, Record], tuple[int, Record]]]) -> Counter[int]:
    """How many of its pairs each row wins; all pairs are one family."""
    compared = decide([compare(record, other) for (_, record), (_, other) in pairs])
    wins: Counter[int] = Counter()
    for ((row, record), (rival, _)), found in zip(pairs, compared, strict=True):
        verdict = found.verdict(record.higher_is_better) if found else "undecided"
        wins.update({"better": [row], "worse": [rival], "undecided": []}[verdict])
    return wins
