"""What `rqbench fidelity score` prints for people."""

from collections.abc import Iterable, Iterator, Sequence
from math import isfinite

from rich import box
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from ..fidelity.rated import Rated
from ..fidelity.score import Scoring
from ..fidelity.sensitivity import Sensitivity
from ..metric_names import describe
from .output import interval_text

_OF_DIFFERENCES = (
    "What the reference's pictures do to both is taken off. p is two-sided, of each score alone.",
    "Could have seen: the true difference that so many pictures find in 80 of 100 repetitions.",
)

DIGITS = 12
"""Of a SHA-256: as many as records show."""

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
        for line in _OF_DIFFERENCES:
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
        print(f"{protocol}: {_network(scoring)}, SHA-256 {scoring.protocol.sha256[:DIGITS]}")
    for why, left in _shared(found.left_out.items()):
        print(f"left out {', '.join(left)}: {why}")
    first = scorings[0][1]
    for line in (*_sets(first), *_traps_by_protocol(found)):
        print(line)


def _foot(found: Scoring) -> Iterator[str]:
    yield f"\nprotocol {found.protocol.id}, SHA-256 {found.protocol.sha256[:DIGITS]}; " + (
        f"{_network(found)}, weights {found.extractor.weights_sha256[:DIGITS]}"
    )
    yield from _sets(found)
    names = {each.score: each.metric(found.extractor.name) for each in found.rated[0]}
    for method, scores in _shared((each.score, each.method) for each in found.rated[0]):
        yield f"interval of {', '.join(names[score] for score in scores)}: {method}"
    told = ((each.score, _settings(each)) for each in found.rated[0] if each.settings)
    for settings, scores in _shared(told):
        yield f"{', '.join(names[score] for score in scores)}: {settings}"
    of_expectation = "is about its expectation at these numbers of pictures, bias included"
    yield f"{names['fid']}: its interval {of_expectation}"
    if "fid_corrected" in names:
        yield f"{names['fid_corrected']}: about the distance of what the pictures were drawn from"
    for note in found.notes:
        yield f"note: {note}"
    yield from _traps(found)


def _shared(told: Iterable[tuple[str, str]]) -> Iterable[tuple[str, list[str]]]:
    """What is said of several scores, once, and of which."""
    found: dict[str, list[str]] = {}
    for score, what in told:
        found.setdefault(what, []).append(score)
    return found.items()


def _settings(rated: Rated) -> str:
    return ", ".join(f"{key.replace('_', ' ')} {value:,}" for key, value in rated.settings.items())


def _sets(found: Scoring) -> Iterator[str]:
    sets = [("reference", found.reference), *(("scored", each) for each in found.candidates)]
    for role, each in [*sets, *([("training", found.training)] if found.training else [])]:
        count = "an unknown number of" if each.n is None else f"{each.n:,}"
        beside = "" if each.given is None else ", and statistics of others"
        yield f"{role}: {each.name}, {count} pictures{beside}"


def _network(found: Scoring) -> str:
    return f"features of {found.extractor.name}, {found.extractor.resizer}"


def _traps(found: Scoring) -> Iterator[str]:
    """Each trap once, in the words of the first set that meets it."""
    met: dict[str, list[tuple[str, str]]] = {}
    for candidate, traps in zip(found.candidates, found.traps, strict=True):
        for trap in traps:
            met.setdefault(trap.name, []).append((candidate.name, trap.message))
    for name, ((_, message), *others) in met.items():
        also = f" Met by {', '.join(candidate for candidate, _ in others)} too." if others else ""
        yield f"warning: {name}: {message}{also}"


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
