"""A table before it takes a form: headings, cells and a foot."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Heading:
    """The head of one column.

    Attributes:
        title, unit: two lines of the head.
        arrow: "↑" or "↓", the better end; empty where there is none.
        share: of the line's width, for columns of running text; None for numbers and names.
    """

    title: str
    unit: str = ""
    arrow: str = ""
    share: float | None = None


@dataclass(frozen=True)
class Cell:
    """One entry: the main text, what stands small beside it, a mark that the foot explains."""

    text: str
    aside: str = ""
    bold: bool = False
    mark: str = ""


@dataclass(frozen=True)
class Table:
    """A whole table; `name` is its file's name.

    Attributes:
        num_names: how many columns, from the first on, name the rows.

    Raises:
        ValueError: a row whose length is not that of the head.
    """

    name: str
    title: str
    headings: Sequence[Heading]
    rows: Sequence[Sequence[Cell]]
    foot: Sequence[str] = ()
    num_names: int = 1

    def __post_init__(self) -> None:
        for row in self.rows:
            if len(row) != len(self.headings):
                raise ValueError(
                    f"A row of {len(row)} cells does not fit {len(self.headings)} columns of "
                    f"{self.name!r}."
                )
