"""What commands print at their end: tables for people, or JSON."""

import json
import sys
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.markup import escape

if TYPE_CHECKING:
    from ..compare import Outcome
    from ..dry_run import Forecast


PIPE_WIDTH = 110


def result_console() -> Console:
    """Standard output: as wide as the terminal, and where there is none wide enough for all
    tables."""
    return Console(width=None if sys.stdout.isatty() else PIPE_WIDTH)


def decimals_of(error: float) -> str:
    """How a number with this error is written: with the decimals that hold the error's first two
    digits; where the error is unknown or nothing, with four digits."""
    if not 0 < error < float("inf"):
        return ".4g"
    exponent = int(f"{error:.1e}".partition("e")[2])
    return f"z.{max(1 - exponent, 0)}f"


def interval_text(interval: tuple[float, float] | None, decimals: str = ".4g") -> str:
    """An interval; nothing where it is unbounded, or of no width as that of what is the same in
    all images."""
    if interval is None or max(map(abs, interval)) == float("inf"):
        return ""
    low, high = (f"{end:{decimals}}" for end in interval)
    return "" if low == high else f"{low} .. {high}"


def as_json(planned: "Forecast") -> dict[str, Any]:
    """A forecast as plain values."""
    return {
        "seconds": planned.seconds,
        "peak_memory_bytes": planned.peak_memory_bytes,
        "disk_bytes": planned.disk_bytes,
        "stages": [vars(stage) for stage in planned.stages],
    }


def print_outcome(outcome: "Outcome", result: Console, progress: Console, as_data: bool) -> None:
    """Tables and the places of files; with `as_data`, one JSON object without per-image values."""
    from ..record import plain

    if as_data:
        records = [
            plain(record.model_dump(exclude={"raw", "clusters"})) for record in outcome.records
        ]
        facts = {
            "run": str(outcome.run), "failed": outcome.failed, "paused": outcome.paused,
            "records": records,
        }  # fmt: skip
        print(json.dumps(facts, indent=2))
    else:
        for shown in outcome.terminal:
            result.print(shown, crop=False)
    for what, path in (("Records", "records.jsonl"), ("Report", "report/README.md")):
        if not (outcome.run / path).is_file():
            continue  # a pause can come before there is anything to show
        said = f"{what}: {outcome.run / path}"
        progress.print(said, markup=False, highlight=False, soft_wrap=True)
    if outcome.paused:
        progress.print("Paused: the time is up. The same command goes on from here.")
    for stage, reason in outcome.failed.items():
        said = f"[red]failed[/red] {escape(f'{stage}: {reason}')}"
        progress.print(said, highlight=False, soft_wrap=True)
