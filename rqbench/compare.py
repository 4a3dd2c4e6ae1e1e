"""`rqbench compare`, for Python users too: carry out an experiment and draw its report."""

import json
import traceback
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console

from .data import ImageData, open_data
from .environment import find_device
from .errors import RqbenchError
from .experiment import Experiment
from .files import write_json
from .pipeline import Pipeline, plan
from .progress import Progress
from .record import Record, read_records
from .reporting import INDEX, draw_report
from .run_folder import RECORDS, RunFolder
from .stage import Stage
from .stages.recording import PROTOCOLS
from .stages.setting import Setting

ERROR = "error.txt"


@dataclass(frozen=True)
class Outcome:
    """What an experiment left.

    Attributes:
        failed: by stage name, why it failed; the rest is kept and reported.
        terminal: the reports' tables, for a rich console.
    """

    run: Path
    records: list[Record]
    failed: dict[str, str]
    files: list[Path]
    terminal: list[object]


def open_setting(experiment: Experiment, device: str) -> Setting:
    """Find the device and open the data."""
    return Setting(experiment, open_data(experiment.data), find_device(device))


def compare(
    experiment: Experiment, out: Path, console: Console, device: str = "auto", fresh: bool = False
) -> Outcome:
    """Carry out what is not complete yet, write records and report, and say what failed.

    Args:
        out: the run folder; a complete stage in it is never computed again.
        console: where progress goes.
        fresh: forget what the folder holds first.

    Raises:
        RqbenchError: the request is wrong; nothing was computed.
    """
    setting = open_setting(experiment, device)
    pipeline = plan(setting)
    run = RunFolder(out)
    with run.locked():
        if fresh:
            run.clear()
        run.write_experiment(experiment.model_dump(mode="json"))
        run.write_environment(setting.environment_id, setting.environment)
        _say_skipped(console, setting.data)
        failed = _carry_out(pipeline, run, setting.device, console)
        records = _collect(pipeline, run, failed)
        write_json(out / INDEX, _index(pipeline, run))
        run.write_records(records)
        write_json(out / PROTOCOLS, _protocols(pipeline, run, failed))
        drawn = draw_report([out])
    failed |= drawn.failed
    return Outcome(out, records, failed, drawn.files, drawn.terminal)


def _carry_out(pipeline: Pipeline, run: RunFolder, device: str, console: Console) -> dict[str, str]:
    """Do every stage whose inputs are there; by stage name, why the others failed."""
    failed: dict[str, str] = {}
    with Progress(console, len(pipeline.stages) + bool(pipeline.timed)) as progress:
        for stage in pipeline.stages:
            _try_stage(stage, run, device, progress, failed)
        speed = pipeline.speed(failed)
        if speed is not None:
            _try_stage(speed, run, device, progress, failed)
    return failed


def _try_stage(
    stage: Stage, run: RunFolder, device: str, progress: Progress, failed: dict[str, str]
) -> None:
    progress.begin_stage(stage.name)
    missing = [source.name for source in stage.inputs if source.name in failed]
    if missing:
        failed[stage.name] = f"needs {', '.join(missing)}, which failed"
        progress.warn(failed[stage.name])
        return
    try:
        done = run.carry_out(stage, device, progress)
    except Exception as error:  # one system's fault must not cost the others their results
        failed[stage.name] = f"{type(error).__name__}: {error}"
        folder = run.folder(stage)
        folder.mkdir(parents=True, exist_ok=True)
        (folder / ERROR).write_text(traceback.format_exc())
        where = "" if isinstance(error, RqbenchError) else f" Traceback: {folder / ERROR}"
        progress.warn(f"failed: {failed[stage.name]}{where}")
    else:
        (run.folder(stage) / ERROR).unlink(missing_ok=True)
        progress.end_stage(done)


def _measured(pipeline: Pipeline, run: RunFolder, failed: dict[str, str]) -> list[Path]:
    """Folders of the complete stages that hold records."""
    speed = pipeline.speed(failed)
    stages = [*pipeline.scored.values(), *([speed] if speed else [])]
    return [run.folder(stage) for stage in stages if run.is_complete(stage)]


def _collect(pipeline: Pipeline, run: RunFolder, failed: dict[str, str]) -> list[Record]:
    folders = _measured(pipeline, run, failed)
    return [record for folder in folders for record in read_records(folder / RECORDS)]


def _protocols(pipeline: Pipeline, run: RunFolder, failed: dict[str, str]) -> dict[str, object]:
    """By hash, what every protocol of the records says."""
    found: dict[str, object] = {}
    for folder in _measured(pipeline, run, failed):
        found |= json.loads((folder / PROTOCOLS).read_text())
    return found


def _index(pipeline: Pipeline, run: RunFolder) -> dict[str, object]:
    """Where the report finds training logs and pictures, and the order of systems."""

    def folders(stages: dict[str, Stage]) -> dict[str, str]:
        return {
            name: f"stages/{stage.folder_name}"
            for name, stage in stages.items()
            if run.is_complete(stage)
        }

    experiment = pipeline.setting.experiment
    return {
        "systems": [system.name for system in experiment.systems],
        "tokenizers": list(experiment.tokenizers),
        "training": folders(pipeline.trained),
        "pictures": folders(pipeline.scored),
        "headlines": [headline.model_dump(mode="json") for headline in experiment.headlines],
    }


def _say_skipped(console: Console, data: ImageData) -> None:
    if data.skipped:
        console.print(f"[yellow]left out {len(data.skipped)} images:[/yellow]")
        for line in data.skipped:
            console.print(f"  {line}", markup=False, highlight=False)
