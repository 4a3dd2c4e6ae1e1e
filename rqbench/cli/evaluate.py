"""`rqbench evaluate`."""

import json
import math
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich import box
from rich.console import Console
from rich.table import Table

from ..counted import counted

if TYPE_CHECKING:
    from ..evaluate import Evaluation
    from ..record import Record


class CropKind(StrEnum):
    RESIZE_CENTER = "resize-center"
    CENTER = "center"
    WHOLE = "whole"


class FilterName(StrEnum):
    LANCZOS = "lanczos"
    BICUBIC = "bicubic"
    BILINEAR = "bilinear"
    BOX = "box"


def evaluate(
    model: Annotated[
        Path,
        typer.Argument(
            exists=True,
            file_okay=False,
            help="The model folder of a tokenizer, an imported system (whose prior gives a rate "
            "too), or a run.",
        ),
    ],
    images: Annotated[
        Path, typer.Argument(exists=True, help="A folder of images, or one image file.")
    ],
    out: Annotated[
        Path | None,
        typer.Option(
            help="Where it goes; else evaluation/NAME, or with a prior evaluation/NAME+PRIOR.",
            show_default=False,
        ),
    ] = None,
    tokenizer: Annotated[
        str | None, typer.Option(help="Of a run: a tokenizer by name.", metavar="NAME")
    ] = None,
    system: Annotated[
        str | None,
        typer.Option(help="Of a run: a system by name, for its prior's rate too.", metavar="NAME"),
    ] = None,
    crop: Annotated[
        CropKind,
        typer.Option(
            help="The centre after the shorter side was resized, the centre as it is, or the whole "
            "picture."
        ),
    ] = CropKind.RESIZE_CENTER,
    resolution: Annotated[
        int | None,
        typer.Option(
            min=1,
            help="Side of the square in pixels; else what the model was made for.",
            show_default=False,
        ),
    ] = None,
    filter_: Annotated[
        FilterName, typer.Option("--filter", help="Of the resizing, by Pillow.")
    ] = FilterName.BILINEAR,
    antialias: Annotated[
        bool,
        typer.Option(help="Widen the filter where it shrinks, as RQ and DQ do and VQGAN does not."),
    ] = True,
    num: Annotated[
        int | None,
        typer.Option(min=1, help="Images at most, evenly spaced; else all.", show_default=False),
    ] = None,
    batch: Annotated[int, typer.Option(min=1, help="Images encoded together.")] = 16,
    coded: Annotated[
        int,
        typer.Option(
            min=0,
            help="With a prior: images whose codes are written as bytes and read back, for the "
            "coded rate; 0 for none.",
        ),
    ] = 16,
    reconstructions: Annotated[
        bool, typer.Option("--reconstructions", help="Write them as PNG files, with a sheet.")
    ] = False,
    skip_bad: Annotated[
        bool, typer.Option("--skip-bad", help="Leave out files that cannot be used.")
    ] = False,
    device: Annotated[str, typer.Option(help="auto, cpu, cuda or cuda:i")] = "auto",
    json_: Annotated[
        bool, typer.Option("--json", help="Machine-readable result on standard output.")
    ] = False,
) -> None:
    """Measure rate and distortion of a tokenizer on a folder of images, and write records."""
    from ..config import parse_config  # late: --help needs no torch
    from ..environment import find_device
    from ..evaluate import Crop, load_subject
    from ..evaluate import evaluate as measure

    cut = parse_config(
        Crop,
        {
            "kind": crop.value,
            "resolution": resolution,
            "filter": filter_.value,
            "antialias": antialias,
        },
        "crop",
    )
    found_device = find_device(device)
    subject = load_subject(model, tokenizer, system, found_device)
    name = "+".join(filter(None, (subject.name, subject.prior_name)))
    found = measure(
        subject, images, out or Path("evaluation") / name, cut, num=num, batch=batch, coded=coded,
        skip_bad=skip_bad, reconstructions=reconstructions, device=found_device,
        console=Console(stderr=True),
    )  # fmt: skip
    if json_:
        print(json.dumps(_as_data(found), indent=2))
        return
    _print(found)


def _as_data(found: "Evaluation") -> dict[str, Any]:
    from ..record import plain

    records = [plain(record.model_dump(exclude={"raw", "clusters"})) for record in found.records]
    return {
        "folder": str(found.folder), "tokenizer": found.name, "data": found.data,
        "images": found.num_images, "notes": found.notes, "skipped": found.skipped,
        "records": records,
    }  # fmt: skip


def _print(found: "Evaluation") -> None:
    """A table in Markdown, and below it what was measured."""
    from .output import result_console

    table = Table("measure", "value", "unit", "95% interval", "n", box=box.MARKDOWN)
    for column in (table.columns[1], table.columns[3], table.columns[4]):
        column.justify = "right"
    for record in found.records:
        table.add_row(*_cells(record))
    result_console().print(table)
    what = ", ".join(f"{key}: {value}" for key, value in found.crop.clauses().items())
    print(f"\n{found.name} on {counted(found.num_images, 'image')} of {found.data}; {what}")
    for note in found.notes:
        print(note)
    if found.skipped:
        print(f"left out {len(found.skipped)} files, which evaluation.json lists")
    print(f"-> {found.folder}")


def _cells(record: "Record") -> list[str]:
    from ..metric_names import describe

    arrow = {True: " ↑", False: " ↓", None: ""}[describe(record.metric).higher_is_better]
    which = "".join(f", {key} {value}" for key, value in record.settings.items())
    low, high = record.ci95 or (math.inf, math.inf)
    spread = low < high and max(abs(low), abs(high)) < math.inf  # what is the same in all has none
    interval = f"{low:.4f} .. {high:.4f}" if spread else ""
    value = f"{record.value:.4f}"
    return [f"{record.metric}{arrow}{which}", value, record.unit, interval, str(record.n)]
