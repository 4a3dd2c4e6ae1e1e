"""What `rqbench fidelity score` prints for people."""

from collections.abc import Iterable, Iterator
from math import isfinite

from rich.console import Console

from ..counted import counted
from ..fidelity.score import Scoring
from ..metric_names import describe
from ..metrics.rated import Rated
from .fidelity_tables import DIGITS
from .fitting_table import print_numbers
from .output import decimals_of, interval_text

_OF_DIFFERENCES = (
    "What the reference's pictures do to both is taken off. p is two-sided, of each score alone.",
    "Could have seen: the true difference that so many pictures find in 80 of 100 repetitions.",
)


def print_scores(console: Console, found: Scoring) -> None:
    """A table for each candidate, their difference, and what all of it rests on."""
    for place, candidate in enumerate(found.candidates):
        print(f"\n{candidate.name} against {found.reference.name}")
        _print_scores(console, found, place)
    if len(found.rated) > 1:
        first, second = found.candidates[:2]
        print(f"{first.name} less {second.name}")
        _print_differences(console, found)
        for line in _OF_DIFFERENCES:
            print(line)
        print()
    for line in _foot(found):
        print(line)


def _print_scores(console: Console, found: Scoring, place: int) -> None:
    rows = []
    for each in found.rated[place]:
        error, decimals = each.error.standard_error, decimals_of_rated(each)
        rows.append(
            (
                _title(each, found), f"{each.value:{decimals}}" if isfinite(each.value) else "none",
                f"{error:{decimals}}" if error < float("inf") else "",
                interval_text(each.possible, decimals),
            )
        )  # fmt: skip
    print_numbers(
        console, (heading("score", found), "value", "standard error", "95% interval"), rows
    )


def _print_differences(console: Console, found: Scoring) -> None:
    rows = []
    for first, between in found.differences():
        p, decimals = between.p_value, decimals_of(between.error.standard_error)
        rows.append(
            (
                _title(first, found), f"{between.value:+{decimals}}",
                interval_text(between.error.interval(between.value), decimals),
                "< 0.001" if p < 0.001 else f"{p:.3f}",
                f"{between.smallest_detectable:{decimals}}",
            )
        )  # fmt: skip
    headings = heading("score", found), "difference", "95% interval", "p", "could have seen"
    print_numbers(console, headings, rows)


def heading(what: str, found: Scoring) -> str:
    """Of a column of scores: the extractor is part of all their names, and stands here once."""
    name = found.extractor.name
    is_named = any(each.metric(name).endswith(name) for each in found.rated[0])
    return f"{what} ({name})" if is_named else what


def short_name(rated: Rated, found: Scoring) -> str:
    """The metric below such a heading."""
    name = found.extractor.name
    return rated.metric(name).removesuffix(f"_{name}")


def decimals_of_rated(rated: Rated) -> str:
    """Those of its standard error; of a share that has an interval alone, about the same."""
    error, interval = rated.error.standard_error, rated.ci95
    if error == float("inf") and interval is not None:
        error = (interval[1] - interval[0]) / 4
    return decimals_of(error)


def _foot(found: Scoring) -> Iterator[str]:
    yield f"protocol {found.protocol.id}, SHA-256 {found.protocol.sha256[:DIGITS]}; " + (
        f"{network(found)}, weights {found.extractor.weights_sha256[:DIGITS]}"
    )
    yield from sets(found)
    names = {each.score: short_name(each, found) for each in found.rated[0]}
    for method, scores in shared((each.score, each.method) for each in found.rated[0]):
        yield f"interval of {', '.join(names[score] for score in scores)}: {method}"
    told = ((each.score, _settings(each)) for each in found.rated[0] if each.settings)
    for settings, scores in shared(told):
        yield f"{', '.join(names[score] for score in scores)}: {settings}"
    of_expectation = "is about its expectation at these numbers of pictures, bias included"
    yield f"{names['fid']}: its interval {of_expectation}"
    if "fid_corrected" in names:
        yield f"{names['fid_corrected']}: about the distance of what the pictures were drawn from"
    for note in found.notes:
        yield f"note: {note}"
    yield from _traps(found)


def shared(told: Iterable[tuple[str, str]]) -> Iterable[tuple[str, list[str]]]:
    """What is said of several scores, once, and of which."""
    found: dict[str, list[str]] = {}
    for score, what in told:
        found.setdefault(what, []).append(score)
    return found.items()


def _settings(rated: Rated) -> str:
    return ", ".join(f"{key.replace('_', ' ')} {value:,}" for key, value in rated.settings.items())


def sets(found: Scoring) -> Iterator[str]:
    """Each set of pictures in a line."""
    known = [("reference", found.reference), *(("scored", each) for each in found.candidates)]
    for role, each in [*known, *([("training", found.training)] if found.training else [])]:
        count = "an unknown number of pictures" if each.n is None else counted(each.n, "picture")
        yield f"{role}: {each.name}, {count}"


def network(found: Scoring) -> str:
    """The extractor, and how pictures come to it."""
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


def _title(rated: Rated, found: Scoring) -> str:
    better = describe(rated.metric(found.extractor.name)).higher_is_better
    return short_name(rated, found) + {True: " ↑", False: " ↓", None: ""}[better]
