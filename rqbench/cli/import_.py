"""`rqbench import`."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

if TYPE_CHECKING:
    from ..importing.import_model import Imported


def import_(
    path: Annotated[
        Path,
        typer.Argument(help="A published checkpoint, or the folder of a download or a run."),
    ],
    out: Annotated[Path, typer.Option(help="Where the model goes; nothing may be there.")],
    tokenizer: Annotated[
        Path | None,
        typer.Option(
            help="A model folder: the tokenizer of a prior that was published without it.",
            metavar="DIR",
        ),
    ] = None,
    config: Annotated[
        Path | None,
        typer.Option(
            help="The YAML of the training. [default: where the projects keep it, beside PATH]",
            show_default=False,
            metavar="FILE",
        ),
    ] = None,
    set_: Annotated[
        list[str] | None,
        typer.Option(
            "--set",
            metavar="KEY=VALUE",
            help="Change the model's config; with two models, tokenizer.KEY=VALUE or prior.KEY=...",
        ),
    ] = None,
    trust: Annotated[
        bool,
        typer.Option(
            "--trust",
            help="Load Python objects that lie beside the weights, which runs code that the file "
            "names; for files from a source that you trust.",
        ),
    ] = False,
    no_ema: Annotated[
        bool, typer.Option("--no-ema", help="Take raw weights where there are averaged ones too.")
    ] = False,
    json_: Annotated[
        bool, typer.Option("--json", help="Machine-readable result on standard output.")
    ] = False,
) -> None:
    """Read a published checkpoint; `rqbench plugins list` names the importers.

    A tokenizer becomes a model folder, a prior with its tokenizer a system to sample from.
    """
    from ..importing.import_model import import_model  # late: --help needs no torch

    console = Console(stderr=True)
    imported = import_model(
        path,
        out,
        tokenizer=tokenizer,
        config=config,
        trust=trust,
        ema=not no_ema,
        settings=set_ or (),
        say=lambda said: console.print(said, markup=False, highlight=False, soft_wrap=True),
    )
    if json_:
        kind = "system" if imported.is_system else next(iter(imported.origins))
        told = {"folder": str(out), "kind": kind, "models": imported.origins}
        print(json.dumps(told, indent=2))
    else:
        _show(imported)


def _show(imported: "Imported") -> None:
    from .output import result_console

    result = result_console()
    for origin in imported.origins.values():
        table = Table(show_header=False, title=f"{origin['kind']}: {origin['type']}")
        table.add_column(style="bold")
        table.add_column(overflow="fold")
        for name, said in _rows(origin):
            table.add_row(name, escape(said))
        result.print(table)
    result.print(f"-> {imported.folder}", markup=False, highlight=False, soft_wrap=True)


def _rows(origin: dict[str, Any]) -> list[tuple[str, str]]:
    """What a person wants to know of one imported model."""
    source, importer = origin["source"], origin["importer"]
    rows = [
        ("recognised as", f"{origin['project']} (importer {importer['name']})"),
        ("from", f"{source['file']['name']}, {source['taken']}"),
        ("config", source["config"]["name"] if source["config"] else "none found"),
        ("parameters", f"{origin['parameters']:,}"),
        ("codes", origin["code_shape"] or "not known without a resolution"),
        ("mapped keys", str(origin["mapped_keys"])),
    ]
    for left in origin["left_out"]:
        more = " ..." if left["count"] > len(left["examples"]) else ""
        named = ", ".join(left["examples"])
        rows.append(("left out", f"{left['count']} {left['reason']}: {named}{more}"))
    return rows + [("note", note) for note in origin["notes"]]
