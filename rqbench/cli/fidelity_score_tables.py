"""What `rqbench fidelity score` prints for people."""

from collections.abc import Iterator, Sequence
from math import isfinite

from rich import box
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from ..fidelity.foot import DIGITS, methods, network, remarks, sets, shared
from ..fidelity.score import Scoring
from ..fidelity.sensitivity import Sensitivity
from ..metric_names import describe
from ..metrics.rated import Rated
from ..remarks import OF_CONTRASTS, foot_lines
from .output import interval_text

HEADS = {"fid": "fd", "fid_corrected": "fd_corrected", "inception_score": "is"}
"""Of a column with several networks, not all of them Inception; short enough for 110 columns."""


def print_scores(console: Console, found: Scoring) -> None:
    """A table in Markdown for each candidate, their difference, and what all of it rests on."""
    for candidate, rated in zip(found.candidates, found.rated, strict=True):
        console.print(f"\n{escape(candidate.name)} against {escape(found.reference.name)}")
        console.print(_scores(rated, found.extractor.name))
    if len(found.rated) > 1:
        first, second = (escape(each.name) for each in found.candidates[:2])
        console.print(f"\n{first} less {second}")
        console.print(_differences(found))
        for line in OF_CONTRASTS:
            print(line)
    for line in _foot(found):
        print(line)


def _scores(rated: Sequence[Rated], extractor: str) -> Table:
    table = _table("score", "value", "95% interval", "standard error")
    for each in rated:
        known = each.error.standard_error < float("inf")
        table.add_row(
            _title(each, extractor), _number(each.value), interval_text(each.possible),
            f"{each.error.standard_error:.2g}" if known else "",
        )  # fmt: skip
    return table


def _differences(found: Scoring) -> Table:
    table = _table("score", "difference", "95% interval", "p", "could have seen")
    for first, between in found.differences():
        p = between.p_value
        table.add_row(
            _title(first, found.extractor.name), f"{between.value:+.4g}",
            interval_text(between.error.interval(between.value)),
            "< 0.001" if p < 0.001 else f"{p:.3f}", f"{between.smallest_detectable:.2g}",
        )  # fmt: skip
    return table


def print_sensitivity(console: Console, found: Sensitivity) -> None:
    """A row for each protocol, and the spread over all of them."""
    scorings = list(found.scorings.items())
    names = list(dict.fromkeys(rated.score for _, each in scorings for rated in each.rated[0]))
    table = _table("protocol", *(HEADS.get(name, name) for name in names))
    for protocol, scoring in scorings:
        values = {rated.score: _number(rated.value, 4) for rated in scoring.rated[0]}
        label, _, _ = protocol.partition(", ")  # its other names follow below
        table.add_row(escape(label), *(values.get(name, "") for name in names))
    if len(scorings) > 1:
        ranges = [found.spread(name) for name in names]
        table.add_row("least of all", *(_number(least, 4) for least, _ in ranges))
        table.add_row("greatest of all", *(_number(greatest, 4) for _, greatest in ranges))
    console.print(table)
    for protocol, scoring in scorings:
        print(f"{protocol}: {network(scoring)}, SHA-256 {scoring.protocol.sha256[:DIGITS]}")
    for why, left in shared(found.left_out.items()):
        print(f"left out {', '.join(left)}: {why}")
    first = scorings[0][1]
    for line in (*sets(first), *_traps_by_protocol(found)):
        print(line)


def _foot(found: Scoring) -> Iterator[str]:
    yield ""
    names = [each.name for each in found.candidates]
    yield from foot_lines([*remarks(found), *methods(found)], names)


def _traps_by_protocol(found: Sensitivity) -> Iterator[str]:
    """Each trap once: some depend on a protocol's size or shuffling."""
    told: set[str] = set()
    for protocol, scoring in found.scorings.items():
        for trap in (each for each in scoring.traps[0] if each.name not in told):
            told.add(trap.name)
            yield f"warning: {trap} (by {protocol.partition(', ')[0]})"


def _title(rated: Rated, extractor: str) -> str:
    name = rated.metric(extractor)
    arrow = {True: " ↑", False: " ↓", None: ""}[describe(name).higher_is_better]
    return f"{name}{arrow}"


def _number(value: float, digits: int = 5) -> str:
    return f"{value:.{digits}g}" if isfinite(value) else "none"


def _table(first: str, *others: str) -> Table:
    table = Table(box=box.MARKDOWN)
    table.add_column(first, overflow="fold")
    for name in others:
        table.add_column(name, justify="right", no_wrap=True)
    return table
