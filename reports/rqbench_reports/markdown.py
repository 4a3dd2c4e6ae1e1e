"""A table as GitHub's Markdown, its columns aligned in the source too."""

from .table import Cell, Heading, Table


def to_markdown(table: Table) -> str:
    """The table under its title, with the foot as a list."""
    grid = [
        [_heading(heading) for heading in table.headings],
        *([_cell(cell) for cell in row] for row in table.rows),
    ]
    widths = [max(3, *map(len, column)) for column in zip(*grid, strict=True)]
    to_right = [
        place >= table.num_names and heading.share is None
        for place, heading in enumerate(table.headings)
    ]
    lines = [
        _line([_pad(*entry) for entry in zip(row, widths, to_right, strict=True)]) for row in grid
    ]
    rules = [
        "-" * (width - 1) + (":" if right else "-")
        for width, right in zip(widths, to_right, strict=True)
    ]
    lines.insert(1, _line(rules))
    foot = ["", *(f"- {escape(line)}" for line in table.foot)] if table.foot else []
    return "\n".join([f"### {escape(table.title)}", "", *lines, *foot, ""])


def escape(text: str) -> str:
    """Text that Markdown would otherwise read as its own signs."""
    for sign in ("\\", "|", "*", "<", "`"):
        text = text.replace(sign, "\\" + sign)
    return text.replace("\n", " ")


def _line(cells: list[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _pad(text: str, width: int, to_right: bool) -> str:
    return text.rjust(width) if to_right else text.ljust(width)


def _heading(heading: Heading) -> str:
    unit = f"({heading.unit})" if heading.unit else ""
    return " ".join(filter(None, (escape(heading.title), heading.arrow, unit)))


def _cell(cell: Cell) -> str:
    text = escape(cell.text)
    main = (f"**{text}**" if cell.bold else text) + cell.mark
    return f"{main} {escape(cell.aside)}" if cell.aside else main
