"""Which numbers of a column are bold or marked: the best, and what is not told apart from it."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
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

EQUAL = "⁼"

BOLD_RULE = (
    "Bold: the best of its column, where its difference to each other value is more than chance."
)
EQUAL_RULE = (
    f"{EQUAL} the best of its column, and what is not worse than it by more than chance, where "
    "other values are."
)
CHANCE_RULE = (
    "More than chance is p < 0.05, two-sided, after Holm's correction for all pairs of the column "
    "(the 95% interval then excludes no difference). Rates under a prior compete on the same codes "
    "only; what is spent does not compete."
)


@dataclass(frozen=True)
class Standing:
    """Rows of a column that stand out.

    Attributes:
        bold: those that beat each of their rivals.
        equal: the best and what it does not beat, where it beats some and not all.
    """

    bold: set[int]
    equal: set[int]


def standing(metric: str, records: Sequence[Record | None]) -> Standing:
    """Which rows are bold or equal to the best. Numbers of different protocols do not compete."""
    main = main_terms(records)
    contests: dict[str, dict[int, Record]] = defaultdict(dict)
    for row, record in enumerate(records):
        if record is not None and metric not in SPENT and terms(record) == main:
            own = record.tokenizer if metric in OF_ONE_TOKENIZER else ""
            contests[own][row] = record
    pairs = [pair for rows in contests.values() for pair in combinations(rows.items(), 2)]
    won, found = _won(pairs), Standing(set(), set())
    for rows in contests.values():
        best = _best(rows)
        beaten = {row for row in rows if (best, row) in won}
        if beaten:
            first = rows.keys() - beaten
            (found.bold if first == {best} else found.equal).update(first)
    return found


def rules(has_bold: bool, has_equal: bool) -> list[str]:
    """What the foot says of the marks that there are."""
    said = [BOLD_RULE] * has_bold + [EQUAL_RULE] * has_equal
    return [*said, CHANCE_RULE] if said else []


def _best(rows: dict[int, Record]) -> int:
    """The row of the best value, whatever chance did to it."""
    sign = 1 if next(iter(rows.values())).higher_is_better else -1
    return max(rows, key=lambda row: sign * rows[row].value)


def _won(pairs: Sequence[tuple[tuple[int, Record], tuple[int, Record]]]) -> set[tuple[int, int]]:
    """Which row beats which; all pairs are one family."""
    compared = decide([compare(record, other) for (_, record), (_, other) in pairs])
    won = set()
    for ((row, record), (rival, _)), found in zip(pairs, compared, strict=True):
        verdict = found.verdict(record.higher_is_better) if found else "undecided"
        if verdict != "undecided":
            won.add((row, rival) if verdict == "better" else (rival, row))
    return won
