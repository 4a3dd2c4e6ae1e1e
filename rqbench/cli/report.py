"""`rqbench report`."""

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape


def report(
    runs: Annotated[
        list[Path],
        typer.Argument(exists=True, file_okay=False, help="Run folders; several are merged."),
    ],
    out: Annotated[
        Path | None,
        typer.Option(help="Where the report goes. [default: RUN/report]", show_default=False),
    ] = None,
    json_: Annotated[bool, typer.Option("--json", help="The files written, as JSON.")] = False,
) -> None:
    """Draw all tables and plots again from the records of finished runs."""
    import json

    from ..reporting import draw_report
    from .output import result_console

    drawn = draw_report(runs, out)
    if json_:
        print(
            json.dumps({"folder": str(drawn.folder), "files": [str(path) for path in drawn.files]})
        )
        return
    for shown in drawn.terminal:
        result_console().print(shown, crop=False)
    said = f"Report: {drawn.folder / 'README.md'}"
    Console(stderr=True).print(said, markup=False, highlight=False, soft_wrap=True)
    for name, reason in drawn.failed.items():
        said = f"[red]failed[/red] {name}: {escape(reason)}"
        Console(stderr=True).print(said, highlight=False, soft_wrap=True)
    if drawn.failed:
        raise typer.Exit(1)
