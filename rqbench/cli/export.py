"""`rqbench export`."""

from pathlib import Path
from typing import Annotated

import typer


def export(
    model: Annotated[
        Path, typer.Argument(exists=True, file_okay=False, help="A model folder, or a system.")
    ],
    out: Annotated[
        Path,
        typer.Option(
            help="A file that ends with .safetensors, .pt or .ckpt; of a system that came from two "
            "files a folder for both."
        ),
    ],
    importer: Annotated[
        str | None,
        typer.Option(
            metavar="NAME",
            help="By whose names; needed for a model that was not imported. `rqbench plugins list` "
            "has all.",
        ),
    ] = None,
) -> None:
    """Write an imported model back in the names and shapes of the project that it came from, with
    the config that it came with."""
    from ..importing.export_files import write_export  # late: --help needs no torch

    for done in write_export(model, out, importer):
        config = f", {done.config}" if done.has_config else " (it came without a config)"
        print(f"{done.num_tensors} tensors of {done.model} -> {done.path}{config}")
