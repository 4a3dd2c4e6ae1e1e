"""`rqbench doctor`."""

import json
import sys
from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table


def doctor(
    json_: Annotated[bool, typer.Option("--json", help="As JSON.")] = False,
) -> None:
    """Check what rqbench needs on this machine, and say how to mend what is missing."""
    from ..doctor import examine

    findings = examine()
    if json_:
        print(json.dumps([vars(finding) for finding in findings], indent=2))
    else:
        table = Table(title="rqbench doctor")
        for column in ("Check", "State", "Finding"):
            table.add_column(column, overflow="fold")
        colours = {"ok": "green", "note": "yellow", "broken": "red"}
        for finding in findings:
            colour = colours[finding.state]
            table.add_row(
                finding.check, f"[{colour}]{finding.state}[/{colour}]", escape(finding.text)
            )
        Console().print(table)
    if any(finding.state == "broken" for finding in findings):
        sys.exit(1)
