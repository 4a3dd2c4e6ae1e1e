"""`rqbench compare --dry-run`: what would be done, and what it would take."""

import shutil
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from .memory import PeakMemory
from .pipeline import Pipeline
from .progress import Progress
from .run_folder import RunFolder

CUT = (
    "\n* A batch takes over 10 s, so fewer images were tried; a device that is quick with many "
    "needs less."
)


@dataclass(frozen=True)
class Planned:
    """One stage: whether it is complete, and what it is expected to need; see `Estimate`."""

    stage: str
    complete: bool
    seconds: float
    disk_bytes: int
    whole: bool = True


@dataclass(frozen=True)
class Forecast:
    """All stages, and the most memory that trying them took."""

    stages: list[Planned]
    peak_memory_bytes: int

    @property
    def seconds(self) -> float:
        return sum(stage.seconds for stage in self.stages)

    @property
    def whole(self) -> bool:
        return all(stage.whole for stage in self.stages)

    @property
    def disk_bytes(self) -> int:
        return sum(stage.disk_bytes for stage in self.stages)


def forecast(pipeline: Pipeline, out: Path, console: Console) -> Forecast:
    """Try a little of each stage that is not complete: some training steps, a batch of samples."""
    run, memory = RunFolder(out), PeakMemory(pipeline.settings[0].device)
    stages = [*pipeline.stages, *pipeline.speed()]
    planned = []
    with Progress(console, len(stages)) as progress:
        for stage in stages:
            progress.begin_stage(stage.name)
            if run.is_complete(stage):
                planned.append(Planned(stage.name, True, 0.0, 0))
            else:
                estimate = stage.estimate()
                planned.append(Planned(stage.name, False, **vars(estimate)))
            progress.end_trial(planned[-1].seconds)
    return Forecast(planned, memory.read())


def plan_table(planned: Forecast, out: Path) -> Table:
    """The forecast for a terminal."""
    parent = next(folder for folder in [out, *out.absolute().parents] if folder.exists())
    free = shutil.disk_usage(parent).free
    table = Table(
        title="Plan",
        caption=f"about {planned.seconds / 60:.1f} min, "
        f"memory {'' if planned.whole else 'above '}{planned.peak_memory_bytes / 1e9:.1f} GB, "
        f"disk {planned.disk_bytes / 1e6:.0f} MB of {free / 1e9:.0f} GB free; "
        f"run folder {escape(str(out))}{'' if planned.whole else CUT}",
        caption_justify="left",
    )
    table.add_column("Stage")
    table.add_column("State")
    table.add_column("Time (s)", justify="right")
    table.add_column("Disk (MB)", justify="right")
    for stage in planned.stages:
        table.add_row(
            escape(stage.stage),
            "complete" if stage.complete else "to do",
            "" if stage.complete else f"{stage.seconds:.1f}{'' if stage.whole else '*'}",
            "" if stage.complete else f"{stage.disk_bytes / 1e6:.1f}",
        )
    return table
