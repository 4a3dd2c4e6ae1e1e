"""`rqbench presets`."""

import json
from enum import StrEnum
from typing import Annotated

import typer
from rich.console import Console


class Kind(StrEnum):
    """What a preset may be of."""

    EXPERIMENT = "experiment"
    SPEED = "speed"
    TOKENIZER = "tokenizer"
    PRIOR = "prior"


def presets(
    names: Annotated[
        list[str] | None,
        typer.Argument(help="Which presets; one alone is shown whole.", show_default=False),
    ] = None,
    kind: Annotated[Kind | None, typer.Option(help="Only these.", show_default=False)] = None,
    json_: Annotated[
        bool, typer.Option("--json", help="As JSON: a list, one object each.")
    ] = False,
) -> None:
    """List experiments, timings for `rqbench speed`, and published tokenizers and priors with their
    size and cost."""
    from ..preset_listing import list_presets
    from .output import result_console
    from .preset_tables import print_whole, tables

    progress, result = Console(stderr=True), result_console()
    with progress.status("counting") as status:
        listing = list_presets(names or (), kind, lambda name: status.update(f"counting {name}"))
    rows = listing.rows()
    if json_:
        print(json.dumps([row.as_json() for row in rows], indent=2, default=str))
    elif len(rows) == 1 and names:
        print_whole(rows[0], result)
    else:
        for shown in tables(listing, result):
            result.print(shown)
    for name, reason in listing.broken.items():
        said = f"failed {name}: {reason}"
        progress.print(said, style="red", markup=False, highlight=False, soft_wrap=True)
    for row in listing.models:
        if row.differs:
            said = (
                f"{row.name}: rqbench counts {row.sizes.parameters:,} parameters, and "
                f"{row.preset.parameters:,} were published ({row.preset.counting})."
            )
            progress.print(said, style="red", markup=False, highlight=False, soft_wrap=True)
    if listing.broken or any(row.differs for row in listing.models):
        raise typer.Exit(1)
