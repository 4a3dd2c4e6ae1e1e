"""`rqbench speed`."""

import json
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.markup import escape


class Dtype(StrEnum):
    """Of weights, caches and activations."""

    FLOAT32 = "float32"
    BFLOAT16 = "bfloat16"
    FLOAT16 = "float16"


def speed(
    models: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="MODEL_OR_PRESET...",
            help="Folders of runs or of imported systems, or presets of priors, which get random "
            "weights.",
            show_default=False,
        ),
    ] = None,
    preset: Annotated[
        str | None,
        typer.Option(
            help="A speed preset, or a YAML file like one; what is given beside it wins, in all "
            "its settings.",
            show_default=False,
        ),
    ] = None,
    setting: Annotated[
        str | None,
        typer.Option(help="Of a bench with several settings, this one alone.", show_default=False),
    ] = None,
    system: Annotated[
        list[str] | None,
        typer.Option(
            metavar="NAME",
            help="Of all systems this one, as tables name it; repeatable.",
            show_default=False,
        ),
    ] = None,
    baseline: Annotated[
        str | None,
        typer.Option(
            metavar="NAME",
            help="The system that speed-ups are over; else the first.",
            show_default=False,
        ),
    ] = None,
    out: Annotated[Path, typer.Option(help="A new folder for records and report.")] = Path("speed"),
    batch: Annotated[
        str | None,
        typer.Option(
            help="Images drawn together, rising: 1,16,100, which is the default too.",
            show_default=False,
        ),
    ] = None,
    repeats: Annotated[
        int | None,
        typer.Option(
            help="Timed rounds, 5 at least; 6 (the default) have a 95% interval.",
            show_default=False,
        ),
    ] = None,
    dtype: Annotated[Dtype | None, typer.Option(help="Else float32.", show_default=False)] = None,
    mode: Annotated[
        str | None,
        typer.Option(
            help="How priors draw: auto (the default), reference, eager, graph or compile; see "
            "docs/speed.md.",
            show_default=False,
        ),
    ] = None,
    tf32: Annotated[
        bool | None,
        typer.Option(
            help="On CUDA, whether products in float32 may round their factors to 10 bits; else "
            "not.",
            show_default=False,
        ),
    ] = None,
    decode_batch: Annotated[
        int | None,
        typer.Option(
            min=1,
            help="Images decoded together; else 16, and 1 in mode reference.",
            show_default=False,
        ),
    ] = None,
    largest: Annotated[
        bool | None,
        typer.Option(
            help="Search for the largest batch that fits, on CUDA; takes minutes.",
            show_default=False,
        ),
    ] = None,
    minutes: Annotated[
        float | None,
        typer.Option(
            help="After so many no further batch size is begun; else all are timed.",
            show_default=False,
        ),
    ] = None,
    device: Annotated[str, typer.Option(help="auto, cpu, cuda or cuda:i")] = "auto",
    json_: Annotated[
        bool, typer.Option("--json", help="Machine-readable result on standard output.")
    ] = False,
) -> None:
    """Time drawing images: prior and decoder, beside what the device allows.

    What was drawn is audited. A system whose codes are not those that its weights demand reports no
    speed, and the command ends with 1.
    """
    from ..environment import find_device  # late: --help needs no torch
    from ..record import plain
    from ..reporting import draw_report
    from ..speed.bench import build_bench, load_bench, override, take_setting
    from ..speed.measure import measure_speed
    from .output import result_console

    values: dict[str, Any] = load_bench(preset) if preset else {}
    if setting is not None:
        values = take_setting(values, setting)
    asked = {
        "systems": [{"model": model} for model in models or ()] or None, "only": system or None,
        "baseline": baseline, "batch": _numbers(batch),
        "repeats": repeats, "dtype": dtype and dtype.value, "mode": mode,
        "tf32": tf32, "decode_batch": decode_batch, "largest": largest, "minutes": minutes,
    }  # fmt: skip
    told = {key: value for key, value in asked.items() if value is not None}
    bench = build_bench(override(values, told), preset or "speed")
    progress = Console(stderr=True)
    found = measure_speed(bench, out, find_device(device), progress)
    drawn = draw_report([out])
    if json_:
        records = [plain(record.model_dump(exclude={"clusters"})) for record in found.records]
        result = {
            "folder": str(out), "failed_audits": found.failed, "not_timed": found.not_timed,
            "records": records,
        }  # fmt: skip
        print(json.dumps(result, indent=2))
    else:
        for shown in drawn.terminal:
            result_console().print(shown, crop=False)
    progress.print(f"Records and report: {out}", markup=False, highlight=False, soft_wrap=True)
    if found.not_timed:
        progress.print(f"not timed: {', '.join(found.not_timed)}", markup=False, soft_wrap=True)
    failures = found.failed | {name: [why] for name, why in drawn.failed.items()}
    for what, reasons in failures.items():
        said = f"[red]failed[/red] {escape(what)}: {escape('; '.join(reasons))}"
        progress.print(said, highlight=False, soft_wrap=True)
    if failures:
        raise typer.Exit(1)


def _numbers(text: str | None) -> list[Any] | None:
    """`1,16,100`; what is no number is left to the bench, which says so."""
    if text is None:
        return None
    parts = [part.strip() for part in text.split(",")]
    return [int(part) if part.isdigit() else part for part in parts]
