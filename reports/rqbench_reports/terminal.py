"""A table for the terminal: the small text of a cell stands under it, so columns stay narrow.

Nothing is cut, and no name is broken but at a space. Where columns have no room beside each other,
names stand on lines of their own above their rows; where that is still too wide, lines are as long
as they must be, and the terminal folds them. In a pipe every name keeps its line.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import groupby

from rich import box
from rich.cells import cell_len
from rich.console import Console, ConsoleOptions, Group
from rich.padding import Padding
from rich.segment import Segment
from rich.table import Table as RichTable
from rich.text import Text

from .table import Cell, Heading, Table

ENDLESS = 10_000
"""Columns that are more than any table needs."""


def to_terminal(table: Table) -> Group:
    """A rich renderable, to be printed with `crop=False`."""
    fitting = _Fitting(table)
    foot = Text("\n".join(table.foot), style="dim")
    return Group(fitting, Padding(foot, (0, 0, 1, 0))) if table.foot else Group(fitting)


class _Fitting:
    """A table without its foot, which sees how much room there is when it is printed."""

    def __init__(self, table: Table) -> None:
        self.table = table

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> Iterator[Segment]:
        least, most = (_widths(self.table, wrap) for wrap in (console.is_terminal, False))
        endless = options.update(width=ENDLESS)
        needed = console.measure(_drawn(self.table, least), options=endless).minimum
        if needed <= options.max_width or not console.is_terminal:
            drawn = _drawn(self.table, _widened(least, most, options.max_width - needed))
            yield from console.render(drawn, options.update(width=max(needed, options.max_width)))
            return
        for part in _below_names(self.table):
            yield from console.render(part, endless)


def _below_names(table: Table) -> Iterator[Text | RichTable]:
    """The head without names, then rows that follow each other with the same names below those."""
    first = table.num_names
    rows = [row[first:] for row in table.rows]
    whole = replace(table, headings=table.headings[first:], rows=rows, num_names=0)
    widths = _widths(whole, False)
    yield _drawn(replace(whole, rows=[]), widths, show_edge=False)
    for names, own in groupby(table.rows, key=lambda row: [_line(cell) for cell in row[:first]]):
        yield Text(", ".join(names), no_wrap=True, overflow="ignore")
        part = replace(whole, title="", rows=[row[first:] for row in own])
        yield _drawn(part, widths, show_edge=False, show_header=False)


def _drawn(
    table: Table, widths: Sequence[int | None], show_edge: bool = True, show_header: bool = True
) -> RichTable:
    """Numbers keep their line; names and running text wrap."""
    drawn = RichTable(
        title=Text(table.title, style="bold") if table.title else None,
        title_justify="left",
        box=box.SIMPLE_HEAD,
        padding=(0, 1, 0, 0),
        pad_edge=False,
        show_edge=show_edge,
        show_header=show_header,
    )
    for place, (heading, width) in enumerate(zip(table.headings, widths, strict=True)):
        is_text = place < table.num_names or heading.share is not None
        drawn.add_column(
            _heading(heading),
            justify="left" if is_text else "right",
            no_wrap=not is_text,
            width=width,
            overflow="fold",
            ratio=None if heading.share is None else round(100 * heading.share),
        )
    for row in table.rows:
        drawn.add_row(*map(_cell, row))
    return drawn


def _widths(table: Table, names_wrap: bool) -> list[int | None]:
    """The least of each column: its longest line, or of names that wrap their longest word; None of
    running text, which takes what there is."""
    widths: list[int | None] = []
    for place, heading in enumerate(table.headings):
        texts = [_heading(heading).plain, *(_cell(row[place]).plain for row in table.rows)]
        wraps = names_wrap and place < table.num_names
        parts = [part for text in texts for part in (text.split() if wraps else text.splitlines())]
        widths.append(None if heading.share else max(map(cell_len, parts), default=0))
    return widths


def _widened(
    least: Sequence[int | None], most: Sequence[int | None], spare: int
) -> list[int | None]:
    """The first columns that want more get what can be spared."""
    widths: list[int | None] = []
    for low, high in zip(least, most, strict=True):
        more = 0 if low is None or high is None else max(min(high - low, spare), 0)
        widths.append(None if low is None else low + more)
        spare -= more
    return widths


def _heading(heading: Heading) -> Text:
    return Text(f"{heading.title}{heading.arrow and ' ' + heading.arrow}\n{heading.unit}".rstrip())


def _cell(cell: Cell) -> Text:
    text = Text(cell.text + cell.mark, style="bold" if cell.bold else "")
    return text.append(f"\n{cell.aside}", style="dim not bold") if cell.aside else text


def _line(cell: Cell) -> str:
    return " ".join(filter(None, (cell.text + cell.mark, cell.aside)))
