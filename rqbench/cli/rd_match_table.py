"""The table of `rqbench rd --match`."""

from typing import TYPE_CHECKING

from rich import box
from rich.table import Table

from ..rd.budgets import BUDGETS
from ..rd.match import TOLERANCE
from .output import interval_text, result_console

if TYPE_CHECKING:
    from ..rd import Matched, Reading


def print_matched(matched: "Matched", distortion: str) -> None:
    """Every curve at one budget, and below how it was read."""
    table = Table(
        "curve", distortion, "95% interval", "difference", "95% interval", "read", box=box.MARKDOWN
    )
    for column in table.columns[1:5]:
        column.justify = "right"
    notes: dict[str, list[str]] = {}
    for reading in matched.readings:
        table.add_row(reading.name, *_cells(reading))
        if reading.note:
            notes.setdefault(reading.note, []).append(reading.name)
    print()
    result_console().print(table, markup=False)
    print(
        f"\nheld equal: {matched.axis}, {matched.budget:.4g} {_meaning(matched)} "
        f"({matched.chosen}); against {matched.against or 'none'}; "
        f"{matched.method} over the logarithm of the budget, never beyond the points; a point "
        f"within {TOLERANCE:.0%} stands for itself; 95% over images alone"
    )
    for note, names in notes.items():
        print(f"{note}: {', '.join(names)}")


def _meaning(matched: "Matched") -> str:
    return BUDGETS[matched.axis].meaning if matched.axis in BUDGETS else matched.metric


def _cells(reading: "Reading") -> list[str]:
    at, nearest = (f"{number:.4g}" for number in reading.nearest)
    if reading.value is None:
        return ["", "", "", "", f"{reading.how}: {nearest} at {at}"]
    difference = "" if reading.difference is None else f"{reading.difference:+.4g}"
    how = f"at {at}" if reading.how == "a point" else reading.how
    ends = interval_text(reading.ci95), interval_text(reading.difference_ci95)
    return [f"{reading.value:.4g}", ends[0], difference, ends[1], how]
