"""`rqbench compress`: pictures as codes, in one file."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer
from rich import box
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from ..counted import counted

if TYPE_CHECKING:
    from ..bitstream import Compressed


def compress(
    images: Annotated[
        list[Path],
        typer.Argument(metavar="IMAGE...", exists=True, help="Picture files, or folders of them."),
    ],
    model: Annotated[
        Path, typer.Option(exists=True, help="A run of `rqbench compare`, or an imported system.")
    ],
    out: Annotated[
        Path, typer.Option(dir_okay=False, help="The file to write; none may be there.")
    ],
    system: Annotated[
        str | None,
        typer.Option(help="A run's system; needed where there are several.", show_default=False),
    ] = None,
    fit: Annotated[
        Literal["tile", "crop", "resize"],
        typer.Option(
            help="Tiles keep every pixel; crop keeps the centre after resizing the shorter side; "
            "resize squeezes all into one square.",
        ),
    ] = "tile",
    class_: Annotated[
        str | None,
        typer.Option(
            "--class", metavar="NAME", help="Of all pictures, where the prior has classes."
        ),
    ] = None,
    block: Annotated[
        int | None,
        typer.Option(min=1, max=255, help="Tiles coded together; else 16.", show_default=False),
    ] = None,
    device: Annotated[
        str, typer.Option(help="auto, cpu, cuda or cuda:i; decoding needs the same kind.")
    ] = "cpu",
    json_: Annotated[
        bool, typer.Option("--json", help="Machine-readable result on standard output.")
    ] = False,
) -> None:
    """Compress pictures: a tokenizer's codes, coded arithmetically under a prior.

    The file is read by the same system only, on the same kind of device with the same torch.
    """
    from ..bitstream import compress as compress_pictures  # late: --help needs no torch
    from ..bitstream.coder import BLOCK
    from ..environment import find_device
    from ..evaluate.pictures import find_pictures
    from ..files import check_free, write_whole
    from ..progress import Progress
    from ..record import plain
    from ..sample import load_system

    check_free(out)
    found = [find_pictures(path) for path in images]
    paths = [pictures.root / name for pictures in found for name in pictures.names]
    trained = load_system(model, system, find_device(device))
    with Progress(Console(stderr=True), 2) as progress:
        coded = compress_pictures(trained, paths, progress, fit, class_, block or BLOCK)
    write_whole(out, lambda beside: _write(beside, coded.data))
    if json_:
        print(json.dumps(plain(_as_json(out, trained.name, fit, coded)), indent=2))
    else:
        _tell(out, coded)


def _write(path: Path, data: bytes) -> None:
    path.write_bytes(data)


def _as_json(out: Path, system: str, fit: str, coded: "Compressed") -> dict[str, Any]:
    from ..bitstream.pictures import file_name

    pictures = [
        {
            **vars(picture),
            "comes_back_as": file_name(number),
            "payload_bpp": picture.payload_bpp,
            "overhead": picture.overhead,
        }
        for number, picture in enumerate(coded.pictures)
    ]
    return {
        "file": str(out), "system": system, "fit": fit, "bytes": len(coded.data),
        "payload_bytes": coded.payload_bytes, "header_bytes": coded.header_bytes,
        "overhead": coded.overhead, "pictures": pictures,
    }  # fmt: skip


def _tell(out: Path, coded: "Compressed") -> None:
    """A table in Markdown, a row for each picture, and below it what the file takes."""
    from ..bitstream.pictures import file_name
    from .output import result_console

    table = Table(box=box.MARKDOWN)
    table.add_column("picture", overflow="fold")
    table.add_column("comes back as", overflow="fold")
    for title in ("size (px)", "payload (bytes)", "bpp", "header (bytes)", "likelihood (bits)"):
        table.add_column(title, justify="right")
    for number, picture in enumerate(coded.pictures):
        table.add_row(
            escape(picture.name),
            file_name(number),
            f"{picture.width} x {picture.height}",
            str(picture.payload_bytes),
            f"{picture.payload_bpp:.4f}",
            str(picture.header_bytes),
            f"{picture.likelihood_bits:.1f}",
        )
    result_console().print(table)
    pixels = sum(picture.pixels for picture in coded.pictures)
    payload, whole = (8 * size / pixels for size in (coded.payload_bytes, len(coded.data)))
    print(
        f"\n{counted(len(coded.pictures), 'picture')} of {pixels} px together: payloads "
        f"{coded.payload_bytes} bytes ({payload:.4f} bpp), {coded.overhead:.2%} past the likelihood"
    )
    print(f"with {coded.header_bytes} bytes of headers {len(coded.data)} bytes ({whole:.4f} bpp)")
    print(f"-> {out}")
