"""Tables in Markdown that fit: in a pipe one line a row; in a terminal no wider than it, with
neither a number nor a word broken in the middle.
"""

from collections.abc import Iterator, Sequence
from itertools import zip_longest
from textwrap import wrap

from rich.cells import cell_len, set_cell_size
from rich.console import Console

_FRAME = 3
"""Characters beside those of a column; the table has one more."""

_ENDLESS = 10_000

Columns = Sequence[Sequence[str]]
"""Each with its heading first."""


def print_texts(console: Console, headings: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """Columns of words, which wrap at spaces where a terminal has no room for them."""
    columns = _columns(headings, rows)
    room = console.width if console.is_terminal else _ENDLESS
    least, most = ([_width(column, wraps) for column in columns] for wraps in (True, False))
    _print(columns, _between(least, most, room - 1 - _FRAME * len(columns)), is_numbers=False)
    print()


def print_numbers(console: Console, headings: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """Names, then columns of numbers; those that have no room beside the others go into further
    tables, which repeat the names."""
    columns = _columns(headings, rows)
    heads = [_width(column[:1], console.is_terminal) for column in columns]
    bodies = [_width(column[1:], wraps=False) for column in columns]
    widths = list(map(max, heads, bodies))
    for places in _side_by_side(widths, console.width):
        _print([columns[i] for i in places], [widths[i] for i in places], is_numbers=True)
    print()


def _columns(headings: Sequence[str], rows: Sequence[Sequence[str]]) -> Columns:
    """An upright stroke in a cell would end it, and is written so that Markdown shows it."""
    table = [[cell.replace("|", "\\|") for cell in row] for row in (headings, *rows)]
    return list(zip(*table, strict=True))


def _width(cells: Sequence[str], wraps: bool) -> int:
    """What the longest of them takes, or the longest word in them."""
    parts = [part for cell in cells for part in (cell.split() if wraps else [cell])]
    return max(map(cell_len, parts), default=0)


def _between(least: Sequence[int], most: Sequence[int], room: int) -> list[int]:
    """The least, and what is left shared out by what each column still wants."""
    wanted = [high - low for low, high in zip(least, most, strict=True)]
    spare = min(max(room - sum(least), 0), sum(wanted))
    shares = [want * spare // max(sum(wanted), 1) for want in wanted]
    return [low + share for low, share in zip(least, shares, strict=True)]


def _side_by_side(widths: Sequence[int], room: int) -> Iterator[list[int]]:
    """Places of the columns of each table: the first, and as many others as fit, at least one."""
    shown = [0]
    for place in range(1, len(widths)):
        taken = 1 + sum(_FRAME + widths[each] for each in [*shown, place])
        if taken > room and len(shown) > 1:
            yield shown
            shown = [0]
        shown.append(place)
    yield shown


def _print(columns: Columns, widths: Sequence[int], is_numbers: bool) -> None:
    """Not by rich, which cuts what is wider than it thinks that standard output is."""
    head, *rows = zip(*columns, strict=True)
    rights = [is_numbers and place > 0 for place in range(len(columns))]
    rules = [
        "-" * (width + 1) + (":" if right else "-")
        for width, right in zip(widths, rights, strict=True)
    ]
    print()
    for line in _lines(head, widths, rights):
        print(line)
    print(f"|{'|'.join(rules)}|")
    for row in rows:
        for line in _lines(row, widths, rights):
            print(line)


def _lines(row: Sequence[str], widths: Sequence[int], rights: Sequence[bool]) -> Iterator[str]:
    """A row, which takes several lines where a cell wraps."""
    wrapped = [
        wrap(cell, width, break_long_words=False, break_on_hyphens=False)
        for cell, width in zip(row, widths, strict=True)
    ]
    for line in zip_longest(*wrapped, fillvalue=""):
        yield f"| {' | '.join(map(_filled, line, widths, rights))} |"


def _filled(cell: str, width: int, right: bool) -> str:
    return " " * (width - cell_len(cell)) + cell if right else set_cell_size(cell, width)
