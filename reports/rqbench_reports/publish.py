"""Tables in all their forms at once."""

from collections.abc import Sequence
from pathlib import Path

from rich.console import Group

from rqbench.api import Drawn

from .latex import to_latex
from .markdown import to_markdown
from .table import Table
from .terminal import to_terminal


def publish(tables: Sequence[Table], folder: Path, csv: dict[str, str]) -> Drawn:
    """Write each table as Markdown and LaTeX below `folder`/tables, and the CSV texts by name.

    CSV is not made from the cells, which are rounded, but given by the caller in full precision.
    """
    below = folder / "tables"
    below.mkdir(exist_ok=True)
    texts = {f"{table.name}.md": to_markdown(table) for table in tables}
    texts |= {f"{table.name}.tex": to_latex(table) for table in tables}
    texts |= {f"{name}.csv": text for name, text in csv.items()}
    for name, text in texts.items():
        (below / name).write_text(text, encoding="utf-8")
    return Drawn([below / name for name in texts], Group(*map(to_terminal, tables)))
