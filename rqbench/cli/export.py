"""`rqbench export`."""

from pathlib import Path
from typing import Annotated

import typer


def export(
    model: Annotated[
        Path, typer.Argument(exists=True, file_okay=False, help="A model folder, or a system.")
    ],
    out: Annotated[Path, typer.Option(help="A file that ends with .safetensors, .pt or .ckpt.")],
    importer: Annotated[
        str | None,
        typer.Option(
            metavar="NAME",
            help="By whose names; needed for a model that was not imported. `rqbench plugins list` "
            "has all.",
        ),
    ] = None,
) -> None:
    """Write an imported model back in the names and shapes of the project that it came from."""
    from ..importing.export_model import export_model, write_state  # late: --help needs no torch

    state = export_model(model, importer)
    write_state(out, state)
    print(f"{len(state)} tensors of {model} -> {out}")
