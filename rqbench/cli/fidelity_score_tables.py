"""What `rqbench fidelity score` prints for people."""

from math import isfinite

from rich.console import Console

from ..fidelity.foot import methods, remarks
from ..fidelity.score import Scoring
from ..metric_names import describe
from ..metrics.rated import Rated
from ..remarks import OF_CONTRASTS, foot_lines
from .fitting_table import print_numbers
from .output import decimals_of, interval_text


def print_scores(console: Console, found: Scoring) -> None:
    """A table for each candidate, their difference, and what all of it rests on."""
    print()
    for place, candidate in enumerate(found.candidates):
        print(f"{candidate.name} against {found.reference.name}")
        _print_scores(console, found, place)
    if len(found.rated) > 1:
        first, second = found.candidates[:2]
        print(f"{first.name} less {second.name}")
        _print_differences(console, found)
        for line in OF_CONTRASTS:
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
                interval_text(between.error.interval(between.value), f"+{decimals}"),
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


def short_name(metric: str, found: Scoring) -> str:
    """The metric below such a heading."""
    return metric.removesuffix(f"_{found.extractor.name}")


def decimals_of_rated(rated: Rated) -> str:
    """Those of its standard error; of a share that has an interval alone, about the same."""
    error, interval = rated.error.standard_error, rated.ci95
    if error == float("inf") and interval is not None:
        error = (interval[1] - interval[0]) / 4
    return decimals_of(error)


def _foot(found: Scoring) -> list[str]:
    names = [each.name for each in found.candidates]
    said = [*remarks(found), *methods(found)]
    return foot_lines(said, names, lambda metric: short_name(metric, found))


def _title(rated: Rated, found: Scoring) -> str:
    metric = rated.metric(found.extractor.name)
    arrow = {True: " ↑", False: " ↓", None: ""}[describe(metric).higher_is_better]
    return short_name(metric, found) + arrow
