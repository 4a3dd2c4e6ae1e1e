"""`rqbench plugins`."""

import json
from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

plugins = typer.Typer(no_args_is_help=True, help="Tokenizers, priors, reports and presets.")


@plugins.callback()
def _options() -> None:
    """Tokenizers, priors, reports and presets."""


@plugins.command("list")
def list_(
    json_: Annotated[bool, typer.Option("--json", help="As JSON.")] = False,
) -> None:
    """List everything that is installed, whoever wrote it."""
    from ..errors import UnknownPluginError
    from ..plugins import KINDS, installed

    rows = []
    for kind in KINDS:
        for plugin in installed(kind).values():
            try:
                plugin.load()
                state = "ok"
            except UnknownPluginError as error:
                state = str(error)
            rows.append(
                {
                    "kind": kind, "name": plugin.name, "distribution": plugin.distribution,
                    "version": plugin.version, "object": plugin.entry.value, "state": state,
                }
            )  # fmt: skip
    if json_:
        print(json.dumps(rows, indent=2))
        return
    table = Table(title="Plug-ins")
    for column in ("Kind", "Name", "Distribution", "Version", "State"):
        table.add_column(column, overflow="fold")
    for row in rows:
        shown = (row["kind"], row["name"], row["distribution"], row["version"], row["state"])
        table.add_row(*map(escape, shown))
    Console().print(table)
