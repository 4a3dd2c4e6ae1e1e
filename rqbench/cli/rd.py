"""`rqbench rd`."""

import json
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console

if TYPE_CHECKING:
    from ..rd.codec_sweep import Swept


CODECS = "codecs"
"""Below --out, the records of classical codecs."""


class RateName(StrEnum):
    NOMINAL = "nominal"
    EMPIRICAL = "empirical"
    PRIOR = "prior"
    CODED = "coded"


class MethodName(StrEnum):
    AKIMA = "akima"
    CUBIC = "cubic"
    PCHIP = "pchip"


def rd(
    runs: Annotated[
        list[Path],
        typer.Argument(
            exists=True, file_okay=False, help="Folders of runs and of evaluations, merged."
        ),
    ],
    rate: Annotated[
        RateName, typer.Option(help="Of tokenizers; a codec's is that of its files.")
    ] = RateName.NOMINAL,
    distortion: Annotated[
        str, typer.Option(help="psnr_db, ssim, ms_ssim, lpips, st_lpips, rfd_effnetlite0 ...")
    ] = "psnr_db",
    against: Annotated[
        str | None,
        typer.Option(
            help="The curve that all others are compared with; else the first with points enough.",
            metavar="NAME",
            show_default=False,
        ),
    ] = None,
    method: Annotated[
        MethodName, typer.Option(help="How points are joined for BD-rate and BD-distortion.")
    ] = MethodName.AKIMA,
    join: Annotated[
        list[str] | None,
        typer.Option(
            help="Make one curve of several, such as one tokenizer on several grids.",
            metavar="NEW=NAME,NAME...",
            show_default=False,
        ),
    ] = None,
    codecs: Annotated[
        bool,
        typer.Option(
            "--codecs",
            help="JPEG, WebP, AVIF and JPEG XL too, as far as Pillow has them, on the pictures of "
            "the first evaluation, of 256 pixels and more.",
        ),
    ] = False,
    images: Annotated[
        Path | None,
        typer.Option(
            exists=True, help="Of --codecs: the images that were evaluated.", show_default=False
        ),
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option(
            help="Write the plot (PNG and PDF), the numbers, and the records of codecs here.",
            show_default=False,
        ),
    ] = None,
    json_: Annotated[
        bool, typer.Option("--json", help="Machine-readable result on standard output.")
    ] = False,
) -> None:
    """Compare rate-distortion curves of runs and evaluations: points, BD-rate, a plot."""
    from dataclasses import replace  # late: --help needs no torch

    from ..rd.codec_sweep import write_sweep
    from ..rd.rate_distortion import as_data, check_out, rate_distortion, write
    from ..reporting import merge, read_run
    from .rd_tables import print_tables

    if out is not None:
        check_out(out)
    data = merge({path: read_run(path) for path in runs})
    swept = _sweep(runs, images) if codecs else None
    if swept is not None:
        data = replace(data, records=[*data.records, *swept.records])
    found = rate_distortion(
        data, rate.value, distortion, against, method.value, [_parsed(each) for each in join or ()]
    )
    if json_:
        print(json.dumps(as_data(found), indent=2))
    else:
        print_tables(found)
    if out is not None:
        for path in write(found, data, out):
            Console(stderr=True).print(f"-> {path}", markup=False, highlight=False, soft_wrap=True)
        if swept is not None:
            write_sweep(swept, out / CODECS)


def _sweep(runs: list[Path], images: Path | None) -> "Swept":
    from ..errors import ConfigError
    from ..evaluate.folder import FACTS
    from ..progress import Progress
    from ..rd.codec_sweep import pictures_of, sweep

    if images is None:
        raise ConfigError("--codecs reads the evaluated pictures again. Name them with --images.")
    evaluation = next((path for path in runs if (path / FACTS).is_file()), runs[0])
    evaluated = pictures_of(evaluation, images)
    with Progress(Console(stderr=True), 1) as progress:
        progress.begin_stage("codecs")
        swept = sweep(evaluated, progress)
        progress.end_stage(True)
    return swept


def _parsed(join: str) -> tuple[str, list[str]]:
    from ..errors import ConfigError

    name, equals, members = join.partition("=")
    if not (name and equals and members):
        raise ConfigError(f"--join {join!r} is not of the form NEW=NAME,NAME; it needs all three.")
    return name, members.split(",")
