"""A table of records by its plan: a row a system, a column a metric, the foot below."""

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from rqbench.api import Record, RunData

from .bold import EQUAL, rules, standing
from .foot import Marks, footnotes
from .frame import half_width, main_records, parts_of, repeat_range
from .rate_order import Find
from .table import Cell, Heading, Table
from .wording import DASH, decimals, number, wording


@dataclass(frozen=True)
class Plan:
    """What one table shows.

    Attributes:
        first: heading of the rows' names.
        metrics: patterns of metric names, in the order of the columns.
        borrows: whether a system's row may show its tokenizer's own numbers.
        note: the first line of the foot, where there is something to say of all rows.
        remarks: lines for the foot about what some rows hold.
        is_trained: whether rows were trained here, so that their seeds matter.
    """

    name: str
    title: str
    first: str
    metrics: Sequence[str]
    borrows: bool = False
    note: str = ""
    remarks: Callable[[Sequence[str], Find], list[str]] = lambda rows, find: []
    is_trained: bool = True


def build(plan: Plan, rows: Sequence[str], run: RunData) -> Table | None:
    """One table; columns that nobody measured are left out, and None where none is left."""
    found = _finder(plan, run)
    columns = columns_of(plan, rows, run)
    if not columns:
        return None
    marks = Marks()
    filled = [_column(metric, records, marks) for metric, records in columns.items()]
    return Table(
        plan.name,
        plan.title,
        [Heading(plan.first), *(_heading(metric, columns[metric]) for metric in columns)],
        [[Cell(row), *cells] for row, *cells in zip(rows, *filled, strict=True)],
        [
            *([plan.note] if plan.note else []),
            *plan.remarks(rows, found),
            *footnotes(list(columns.values()), marks, run, plan.is_trained),
            *_rules(filled),
        ],
    )


def columns_of(plan: Plan, rows: Sequence[str], run: RunData) -> dict[str, list[Record | None]]:
    """The records of each metric that was measured, one a row."""
    found = _finder(plan, run)
    return {
        metric: records
        for metric in _matching(plan.metrics, (record.metric for record in run.records))
        if any(records := [found(row, metric) for row in rows])
    }


def _finder(plan: Plan, run: RunData) -> Find:
    """What finds the record of a row and a metric."""
    main, parts = main_records(run.records), parts_of(run)

    def found(row: str, metric: str) -> Record | None:
        own = main.get((row, metric))
        return own or (main.get((parts[row][0], metric)) if plan.borrows else None)

    return found


def _matching(patterns: Iterable[str], metrics: Iterable[str]) -> list[str]:
    """The metrics that there are, in the order of the patterns."""
    known = sorted(set(metrics))
    return [name for pattern in patterns for name in known if re.fullmatch(pattern, name)]


def _heading(metric: str, records: Sequence[Record | None]) -> Heading:
    better = next(record.higher_is_better for record in records if record)
    arrow = {True: "↑", False: "↓", None: ""}[better]
    return Heading(wording(metric).title, wording(metric).unit, arrow)


def _column(metric: str, records: Sequence[Record | None], marks: Marks) -> list[Cell]:
    places = decimals(metric, [record.value for record in records if record])
    stands = standing(metric, records)
    odd = marks.of_column(records)
    return [
        Cell(DASH)
        if record is None
        else Cell(
            number(record.value / wording(metric).scale, places),
            _spread(record, places),
            bold=row in stands.bold,
            mark=EQUAL if row in stands.equal else odd[row],
        )
        for row, record in enumerate(records)
    ]


def _rules(columns: Sequence[Sequence[Cell]]) -> list[str]:
    cells = [cell for column in columns for cell in column]
    return rules(any(cell.bold for cell in cells), any(cell.mark == EQUAL for cell in cells))


def _spread(record: Record, places: int) -> str:
    """`±` the longer side of the interval; of a timing the range of its repeats."""
    scale = wording(record.metric).scale
    repeats = repeat_range(record)
    if repeats:
        return DASH.join(number(end / scale, places) for end in repeats)
    half = half_width(record)
    return f"±{number(half / scale, places)}" if half else ""
