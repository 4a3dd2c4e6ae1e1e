"""`rqbench rd`."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer
from rich.console import Console

if TYPE_CHECKING:
    from ..rd.budgets import Axis
    from ..rd.codec_sweep import Swept


CODECS = "codecs"
"""Below --out, the records of classical codecs."""


def rd(
    runs: Annotated[
        list[Path],
        typer.Argument(
            exists=True, file_okay=False, help="Folders of runs and of evaluations, merged."
        ),
    ],
    rate: Annotated[
        Literal["nominal", "empirical", "prior", "coded"],
        typer.Option(
            help="Of tokenizers: nominal, empirical, prior or coded. A codec's is that of its "
            "files.",
            metavar="RATE",
        ),
    ] = "nominal",
    distortion: Annotated[
        str,
        typer.Option(
            help="psnr_db, ssim, ms_ssim, lpips, st_lpips, rfd_effnetlite0 ...; with --match also "
            "of samples, such as fd_effnetlite0."
        ),
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
        Literal["akima", "cubic", "pchip"],
        typer.Option(help="How points are joined for BD-rate and BD-distortion."),
    ] = "akima",
    join: Annotated[
        list[str] | None,
        typer.Option(
            help="Make one curve of several, such as one tokenizer on several grids. Systems of "
            "a sweep are joined by themselves.",
            metavar="NEW=NAME,NAME...",
            show_default=False,
        ),
    ] = None,
    match: Annotated[
        str | None,
        typer.Option(
            help="Compare all at an equal budget an image: bits (of --rate), codes, flops (to "
            "encode and decode) or seconds (of sampling); without a value at one that "
            "most curves reach.",
            metavar="BUDGET[=VALUE]",
            show_default=False,
        ),
    ] = None,
    codecs: Annotated[
        bool,
        typer.Option(
            "--codecs",
            help="JPEG, WebP, AVIF and JPEG XL too, as far as Pillow has them, on the pictures of "
            "the first run or evaluation, of 256 pixels and more.",
        ),
    ] = False,
    images: Annotated[
        Path | None,
        typer.Option(
            exists=True,
            help="Of --codecs: the images that were evaluated; a run has its own.",
            show_default=False,
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

    from ..errors import ConfigError
    from ..merging import merge
    from ..rd.codec_sweep import write_sweep
    from ..rd.codecs import absent_codecs
    from ..rd.rate_distortion import as_data, check_out, rate_distortion, write
    from ..reporting import read_run
    from .rd_tables import print_tables

    if images is not None and not codecs:
        raise ConfigError("--images names the pictures of --codecs. Give both, or neither.")
    if out is not None:
        check_out(out)
    data = merge({path: read_run(path) for path in runs})
    swept = _sweep(runs[0], images, distortion) if codecs else None
    if swept is not None:
        data = replace(data, records=[*data.records, *swept.records])
    axis, budget = (None, None) if match is None else _budget(match)
    found = rate_distortion(
        data, rate, distortion, against, method, [_parsed(each) for each in join or ()],
        axis, budget,
    )  # fmt: skip
    if swept is not None:
        found = replace(found, notes=[*found.notes, *map(_absent, absent_codecs())])
    if json_:
        print(json.dumps(as_data(found), indent=2))
    else:
        print_tables(found)
    if out is not None:
        for path in write(found, data, out):
            Console(stderr=True).print(f"-> {path}", markup=False, highlight=False, soft_wrap=True)
        if swept is not None:
            write_sweep(swept, out / CODECS)


def _sweep(run: Path, images: Path | None, distortion: str) -> "Swept":
    from ..progress import Progress
    from ..rd.codec_pictures import measured_pictures
    from ..rd.codec_sweep import sweep

    pictures = measured_pictures(run, images)
    with Progress(Console(stderr=True), 1) as progress:
        progress.begin_stage("codecs")
        swept = sweep(pictures, distortion, progress)
        progress.end_stage(True)
    return swept


def _absent(codec: str) -> str:
    return f"left out: {codec}, which this Pillow cannot write"


def _budget(match: str) -> tuple["Axis", float | None]:
    from typing import get_args

    from ..errors import ConfigError, did_you_mean
    from ..rd.budgets import Axis

    name, equals, value = match.partition("=")
    axes: tuple[Axis, ...] = get_args(Axis)
    axis = next((axis for axis in axes if axis == name), None)
    if axis is None:
        raise ConfigError(
            f"--match {match!r}: no budget is called {name!r}.{did_you_mean(name, axes)} There "
            f"are: {', '.join(axes)}."
        )
    if not equals:
        return axis, None
    try:
        return axis, float(value)
    except ValueError:
        raise ConfigError(f"--match {match!r}: {value!r} is no number.") from None


def _parsed(join: str) -> tuple[str, list[str]]:
    from ..errors import ConfigError

    name, equals, members = join.partition("=")
    if not (name and equals and members):
        raise ConfigError(f"--join {join!r} is not of the form NEW=NAME,NAME; it needs all three.")
    return name, members.split(",")
