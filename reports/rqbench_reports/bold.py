"""Which numbers of a column are bold or marked: the best, and those that nothing surely beats."""

from collections import Counter, defaultdict
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

UNBEATEN = "⁼"

BOLD_RULE = (
    "Bold: the best of its column, where its difference to each other value is more than chance."
)
UNBEATEN_RULE = (
    f"{UNBEATEN} not told apart from the best: no value of its column is better by more than "
    "chance, and some are worse."
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
        unbeaten: those that no rival beats and that are not bold, where any of the rivals is
            beaten; elsewhere nothing is decided.
    """

    bold: set[int]
    unbeaten: set[int]


def standing(metric: str, records: Sequence[Record | None]) -> Standing:
    """Which rows are bold or unbeaten. Numbers of different protocols do not compete."""
    main = main_terms(records)
    contests: dict[str, list[tuple[int, Record]]] = defaultdict(list)
    for row, record in enumerate(records):
        if record is not None and metric not in SPENT and terms(record) == main:
            own = record.tokenizer if metric in OF_ONE_TOKENIZER else ""
            contests[own].append((row, record))
    wins, losses = _outcomes([pair for rows in contests.values() for pair in combinations(rows, 2)])
    found = Standing(set(), set())
    for contest in contests.values():
        rows = {row for row, _ in contest}
        beaten = {row for row in rows if losses[row]}
        bold = {row for row in rows if len(rows) > 1 and wins[row] == len(rows) - 1}
        found.bold.update(bold)
        found.unbeaten.update(rows - beaten - bold if beaten else ())
    return found


def rules(is_bold: bool, is_unbeaten: bool) -> list[str]:
    """What the foot says of the marks that there are."""
    said = [BOLD_RULE] * is_bold + [UNBEATEN_RULE] * is_unbeaten
    return [*said, CHANCE_RULE] if said else []


def _outcomes(
    pairs: Sequence[tuple[tuple[int, Record], tuple[int, Record]]],
) -> tuple[Counter[int], Counter[int]]:
    """How many of its pairs each row wins, and loses; all pairs are one family."""
    compared = decide([compare(record, other) for (_, record), (_, other) in pairs])
    wins: Counter[int] = Counter()
    losses: Counter[int] = Counter()
    for ((row, record), (rival, _)), found in zip(pairs, compared, strict=True):
        verdict = found.verdict(record.higher_is_better) if found else "undecided"
        if verdict != "undecided":
            best, worst = (row, rival) if verdict == "better" else (rival, row)
            wins[best] += 1
            losses[worst] += 1
    return wins, losses
