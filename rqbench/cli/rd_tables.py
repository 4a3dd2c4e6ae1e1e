"""The tables of `rqbench rd`."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from rich import box
from rich.table import Table

from .output import interval_text, result_console
from .rd_match_table import print_matched

if TYPE_CHECKING:
    from ..rd import Comparison, Difference, RateDistortion


LITTLE = 0.1
"""Share of a curve below which a mean over the overlap is not to be trusted."""

AS_TRAINED = "as trained"
"""The operating point that no setting names."""


def print_tables(found: "RateDistortion") -> None:
    """The points and the differences in Markdown, and below each how it was measured."""
    console = result_console()
    console.print(_points(found), markup=False)  # names have brackets
    print("\nn: images; where two numbers stand, of the rate and of the distortion")
    for terms, names in _measured(found).items():
        print(f"{', '.join(names)}: {terms}")
    for curve in found.curves:
        sizes = [point.container.value for point in curve.points if point.container]
        if sizes:
            print(
                f"{curve.name}: rate of whole files; at least {min(sizes):.0f} .. {max(sizes):.0f} "
                "B of each are container, as a one-colour picture of that size has"
            )
    for note in found.notes:
        print(note)
    if found.comparisons:
        _print_differences(found)
    if found.matched:
        print_matched(found.matched, found.distortion)


def _print_differences(found: "RateDistortion") -> None:
    table = _differences(found)
    print()
    if table.row_count:
        result_console().print(table, markup=False)
        print(
            f"\nagainst {found.against}; {found.method} through the points; the mean over the "
            "overlap, which is so much of the extent of the reference / of the curve; 95% over "
            "images alone"
        )
    for comparison in found.comparisons:
        for line in _notes(comparison, found.distortion):
            print(line)


def _measured(found: "RateDistortion") -> dict[str, list[str]]:
    """By what distortions were measured by, the curves that were."""
    names: dict[str, list[str]] = {}
    for curve in found.curves:
        records = [point.distortion for point in curve.points]
        terms = (f"{each.protocol} {each.protocol_hash}, {each.data}" for each in records)
        names.setdefault("; ".join(dict.fromkeys(terms)), []).append(curve.name)
    return names


def _points(found: "RateDistortion") -> Table:
    from ..record import settings_text

    table = Table(
        "curve", "point", found.rate, "95% interval", found.distortion, "95% interval", "n",
        box=box.MARKDOWN,
    )  # fmt: skip
    table.columns[1].overflow = "fold"
    for column in table.columns[2:]:
        column.justify = "right"
    for curve in found.curves:
        for point in curve.distinct():
            both = point.rate, point.distortion
            numbers = [
                text for each in both for text in (f"{each.value:.4g}", interval_text(each.ci95))
            ]
            images = " / ".join(map(str, dict.fromkeys(each.n for each in both)))
            label = settings_text(point.settings) or AS_TRAINED
            table.add_row(curve.name, label, *numbers, images)
    return table


def _differences(found: "RateDistortion") -> Table:
    table = Table(
        "curve", "measure", "value", "95% interval", "overlap", "share", "draws", box=box.MARKDOWN
    )
    for column in table.columns[2:]:
        column.justify = "right"
    for comparison in found.comparisons:
        for measure, difference in _measures(comparison, found.distortion):
            if difference.bd.value is not None:
                table.add_row(comparison.name, measure, *_cells(difference))
    return table


def _measures(comparison: "Comparison", distortion: str) -> list[tuple[str, "Difference"]]:
    return [("BD-rate (%)", comparison.rate), (f"BD-{distortion}", comparison.distortion)]


def _cells(difference: "Difference") -> list[str]:
    bd = difference.bd
    shares = f"{bd.reference_share:.0%} / {bd.test_share:.0%}"
    draws = f"{difference.draws_with_value}/{difference.draws}" if difference.draws else ""
    return [
        f"{bd.value:+.4g}",
        interval_text(difference.ci95),
        interval_text(bd.overlap),
        shares,
        draws,
    ]


def _notes(comparison: "Comparison", distortion: str) -> Iterator[str]:
    """Why there is no value, or no interval; what several have in common once."""
    said: dict[str, list[str]] = {}
    for measure, difference in _measures(comparison, distortion):
        if difference.bd.value is None:
            said.setdefault(difference.bd.why, []).append(f"no {measure}")
        elif difference.ci95 is None:
            said.setdefault(difference.note, []).append(measure)
        shares = difference.bd.reference_share, difference.bd.test_share
        if difference.bd.value is not None and min(shares) < LITTLE:
            why = f"over {min(shares):.0%} of a curve, which says little of the rest"
            said.setdefault(why, []).append(measure)
    for why, measures in said.items():
        yield f"{comparison.name}: {', '.join(measures)}: {why}"
