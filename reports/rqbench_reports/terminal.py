"""A table for the terminal: the small text of a cell stands under it, so columns stay narrow."""

from rich import box
from rich.console import Group
from rich.padding import Padding
from rich.table import Table as RichTable
from rich.text import Text

from .table import Cell, Heading, Table

NAME_WIDTH = 7
"""Columns that a name keeps in the narrowest terminal: "rq-8x8x4" then takes two lines."""


def to_terminal(table: Table) -> Group:
    """A rich renderable. Numbers keep their line; names and running text wrap."""
    drawn = RichTable(
        title=Text(table.title, style="bold"),
        title_justify="left",
        box=box.SIMPLE_HEAD,
        padding=(0, 1, 0, 0),
        pad_edge=False,
    )
    for place, heading in enumerate(table.headings):
        is_text = place == 0 or heading.share is not None
        drawn.add_column(
            _heading(heading),
            justify="left" if is_text else "right",
            no_wrap=not is_text,
            min_width=NAME_WIDTH if place == 0 else None,
            overflow="fold",
            ratio=None if heading.share is None else round(100 * heading.share),
        )
    for row in table.rows:
        drawn.add_row(*(_cell(cell) for cell in row))
    foot = Text("\n".join(table.foot), style="dim")
    return Group(drawn, Padding(foot, (0, 0, 1, 0))) if table.foot else Group(drawn)


def _heading(heading: Heading) -> Text:
    return Text(f"{heading.title}{heading.arrow and ' ' + heading.arrow}\n{heading.unit}".rstrip())


def _cell(cell: Cell) -> Text:
    text = Text(cell.text + cell.mark, style="bold" if cell.bold else "")
    return text.append(f"\n{cell.aside}", style="dim not bold") if cell.aside else text
