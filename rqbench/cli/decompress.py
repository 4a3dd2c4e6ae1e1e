"""`rqbench decompress`: the pictures of a file of codes."""

import json
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from ..counted import counted


def decompress(
    file: Annotated[
        Path,
        typer.Argument(
            metavar="FILE.rqb", exists=True, dir_okay=False, help="What `rqbench compress` wrote."
        ),
    ],
    model: Annotated[
        Path, typer.Option(exists=True, help="The run or imported system that compressed it.")
    ],
    out: Annotated[
        Path, typer.Option(file_okay=False, help="Folder of the pictures; nothing may be in it.")
    ],
    system: Annotated[
        str | None,
        typer.Option(help="A run's system; needed where there are several.", show_default=False),
    ] = None,
    restore_size: Annotated[
        bool,
        typer.Option(
            "--restore-size", help="Stretch pictures that --fit resize squeezed to their true size."
        ),
    ] = False,
    codes: Annotated[
        bool, typer.Option("--codes", help="Write the codes too: codes.safetensors.")
    ] = False,
    device: Annotated[
        str | None,
        typer.Option(
            help="cpu, cuda or cuda:i; else the kind that the file was written on.",
            show_default=False,
        ),
    ] = None,
    json_: Annotated[
        bool, typer.Option("--json", help="Machine-readable result on standard output.")
    ] = False,
) -> None:
    """Write the pictures of a file of `rqbench compress`: 000000.png and so on, in its order."""
    from PIL import Image

    from ..bitstream import decompress as decompress_file  # late: --help needs no torch
    from ..bitstream import unpack
    from ..bitstream.pictures import file_name
    from ..checkpoint import save_tensors
    from ..environment import find_device
    from ..errors import ConfigError
    from ..files import appearing, check_free
    from ..progress import Progress
    from ..sample import load_system
    from ..stages.encode_codes import CODES, pack

    check_free(out)
    data = file.read_bytes()
    said = unpack(data)
    if restore_size and said.fit == "crop":
        raise ConfigError(
            f"{file} holds crops: what was cut off is not in it, so that no size can be restored. "
            "Leave --restore-size out."
        )
    trained = load_system(model, system, find_device(device or said.numerics.device_name))
    names = [file_name(number) for number in range(len(said.pictures))]
    with Progress(Console(stderr=True), 2) as progress, appearing(out) as beside:
        found = decompress_file(trained, data, progress, restore_size)
        progress.begin_stage("pictures")
        progress.start(len(names))
        for name, picture in zip(names, found.pictures, strict=True):
            Image.fromarray(picture).save(beside / name)
            progress.advance()
        if codes:
            save_tensors(beside / CODES, pack("codes", found.codes), {})
        progress.end_stage(done=True)
    if json_:
        pictures = [
            {"name": name, "width": coded.width, "height": coded.height}
            for name, coded in zip(names, said.pictures, strict=True)
        ]
        told = {"folder": str(out), "system": trained.name, "fit": said.fit, "pictures": pictures}
        print(json.dumps(told, indent=2))
        return
    for name, coded in zip(names, said.pictures, strict=True):
        print(f"{name}: of a picture of {coded.width} x {coded.height} px")
    print(f"{counted(len(names), 'picture')} of {trained.name} -> {out}")
