"""`rqbench compare`, for Python users too: carry out an experiment and draw its report."""

import json
import traceback
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console

from .counted import counted
from .data import ImageData, open_data
from .environment import find_device
from .errors import RqbenchError
from .experiment import Experiment
from .files import write_json
from .pipeline import Pipeline, plan
from .progress import Paused, Progress
from .record import Record, read_records
from .reporting import draw_report
from .run_folder import INDEX, PROTOCOLS, RECORDS, RunFolder
from .sample.system import system_entry
from .stage import Stage
from .stages.setting import Setting
from .sweep import expand

ERROR = "error.txt"


@dataclass(frozen=True)
class Outcome:
    """What an experiment left.

    Attributes:
        failed: by stage name, why it failed; the rest is kept and reported.
        terminal: the reports' tables, for a rich console.
        paused: the time was up before the end; the same request goes on.
    """

    run: Path
    records: list[Record]
    failed: dict[str, str]
    files: list[Path]
    terminal: list[object]
    paused: bool = False


def open_settings(experiment: Experiment, device: str) -> list[Setting]:
    """Find the device, open the data, and lay out every part of a sweep and every seed."""
    found = find_device(device)
    settings = []
    for part in expand(experiment).experiments:
        data = open_data(part.data)
        settings += [
            Setting(part.model_copy(update={"seed": part.seed + repeat}), data, found)
            for repeat in range(part.seeds)
        ]
    return settings


def compare(
    experiment: Experiment,
    out: Path,
    console: Console,
    device: str = "auto",
    fresh: bool = False,
    minutes: float | None = None,
) -> Outcome:
    """Carry out what is not complete yet, write records and report, and say what failed.

    Args:
        out: the run folder; a complete stage in it is never computed again.
        console: where progress goes.
        fresh: forget what the folder holds first.
        minutes: pause at the first checkpoint or stage after so long; the same call goes on.

    Raises:
        RqbenchError: the request is wrong; nothing was computed.
    """
    settings = open_settings(experiment, device)
    pipeline = plan(settings)
    run = RunFolder(out)
    failed: dict[str, str] = {}
    paused = False
    with run.locked():
        if fresh:
            run.clear()
        run.write_experiment(experiment.model_dump(mode="json"))
        run.write_environment(settings[0].environment_id, settings[0].environment)
        _say_skipped(console, [setting.data for setting in settings])
        num_stages = len(pipeline.stages) + len(pipeline.timed)
        try:
            with Progress(console, num_stages, minutes) as progress:
                _carry_out(experiment, pipeline, run, progress, failed)
        except Paused:
            paused = True
        records = _publish(experiment, pipeline, run, failed)
        if paused and not records:
            return Outcome(out, [], failed, [], [], paused)
        drawn = draw_report([out])
    failed |= drawn.failed
    return Outcome(out, records, failed, drawn.files, drawn.terminal, paused)


def _carry_out(
    experiment: Experiment,
    pipeline: Pipeline,
    run: RunFolder,
    progress: Progress,
    failed: dict[str, str],
) -> None:
    """Do every stage whose inputs are there; `failed` gets, by stage name, why others failed.

    Records are written as they come, so that `rqbench report` shows a run that still goes on.
    """
    worked = False
    for stage in _in_order(pipeline, failed):
        if worked and not run.is_complete(stage):
            progress.pause_if_late()
        if _try_stage(stage, run, pipeline.settings[0].device, progress, failed):
            worked = True
            if stage.name.startswith("scores/"):
                _publish(experiment, pipeline, run, failed)


def _in_order(pipeline: Pipeline, failed: dict[str, str]) -> Iterator[Stage]:
    yield from pipeline.stages
    yield from pipeline.speed(failed)  # of what has not failed by then


def _try_stage(
    stage: Stage, run: RunFolder, device: str, progress: Progress, failed: dict[str, str]
) -> bool:
    """Whether anything was done."""
    progress.begin_stage(stage.name)
    missing = [source.name for source in stage.inputs if source.name in failed]
    if missing:
        failed[stage.name] = f"needs {', '.join(missing)}, which failed"
        progress.warn(failed[stage.name])
        return False
    try:
        done = run.carry_out(stage, device, progress)
    except Paused:
        raise
    except Exception as error:  # one system's fault must not cost the others their results
        failed[stage.name] = f"{type(error).__name__}: {error}"
        folder = run.folder(stage)
        folder.mkdir(parents=True, exist_ok=True)
        (folder / ERROR).write_text(traceback.format_exc())
        where = "" if isinstance(error, RqbenchError) else f" Traceback: {folder / ERROR}"
        progress.warn(f"failed: {failed[stage.name]}{where}")
        return False
    (run.folder(stage) / ERROR).unlink(missing_ok=True)
    progress.end_stage(done)
    return done


def _publish(
    experiment: Experiment, pipeline: Pipeline, run: RunFolder, failed: dict[str, str]
) -> list[Record]:
    """Write what reports read, from the stages that are complete; the records."""
    folders = _measured(pipeline, run, failed)
    records = [record for folder in folders for record in read_records(folder / RECORDS)]
    protocols: dict[str, object] = {}
    for folder in folders:
        protocols |= json.loads((folder / PROTOCOLS).read_text())
    run.write_records(records)
    write_json(run.root / PROTOCOLS, protocols)
    write_json(run.root / INDEX, _index(experiment, pipeline, run))
    return records


def _measured(pipeline: Pipeline, run: RunFolder, failed: dict[str, str]) -> list[Path]:
    """Folders of the complete stages that hold records."""
    stages = [
        *pipeline.scored.values(), *pipeline.repeated, *pipeline.coded, *pipeline.speed(failed)
    ]  # fmt: skip
    return [run.folder(stage) for stage in stages if run.is_complete(stage)]


def _index(experiment: Experiment, pipeline: Pipeline, run: RunFolder) -> dict[str, object]:
    """Where reports find logs and pictures, and `sample` finds models; all names in order."""

    def folders(stages: dict[str, Stage]) -> dict[str, str]:
        return {
            name: f"stages/{run.folder(stage).name}"
            for name, stage in stages.items()
            if run.is_complete(stage)
        }

    sweep = expand(experiment)
    parts = sweep.experiments
    names = [*experiment.tokenizers, *(system.name for system in experiment.systems)]
    return {
        "systems": [system.name for part in parts for system in part.systems],
        "tokenizers": [name for part in parts for name in part.tokenizers],
        "training": folders(pipeline.trained),
        "pictures": folders(pipeline.scored),
        "models": {
            system.name: system_entry(
                setting,
                system,
                f"stages/{run.folder(tokenizer).name}",
                f"stages/{run.folder(prior).name}",
                f"stages/{run.folder(samples).name}" if run.is_complete(samples) else None,
            )
            for setting, timed in pipeline.timed
            for system, tokenizer, prior, samples in timed
            if run.is_complete(tokenizer) and run.is_complete(prior)
        },
        "headlines": [each.model_dump(mode="json") for part in parts for each in part.headlines],
        "sweep": [
            {"values": dict(point.values), "names": {name: point.name(name) for name in names}}
            for point in sweep.points
        ],
    }


def _say_skipped(console: Console, opened: Sequence[ImageData]) -> None:
    for data in dict.fromkeys(opened):
        if data.skipped:
            console.print(f"[yellow]left out {counted(len(data.skipped), 'image')}:[/yellow]")
            for line in data.skipped:
                console.print(f"  {line}", markup=False, highlight=False)
