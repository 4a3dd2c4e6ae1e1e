"""`rqbench compare`."""

import json
import sys
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console


def compare(
    experiment: Annotated[
        Path | None, typer.Argument(help="An experiment file (YAML); without it, a preset.")
    ] = None,
    preset: Annotated[
        str | None,
        typer.Option(
            help="A preset by name: quick, tiny, ... [default: quick]", show_default=False
        ),
    ] = None,
    question: Annotated[
        list[str] | None,
        typer.Option(
            metavar="NAME",
            help="Ask only this, at the experiment's scale; may be repeated. "
            "`rqbench plugins list` has all.",
        ),
    ] = None,
    set_: Annotated[
        list[str] | None,
        typer.Option(
            "--set", metavar="KEY=VALUE", help="Change one key, such as data.resolution=32."
        ),
    ] = None,
    out: Annotated[
        Path | None, typer.Option(help="The run folder. [default: runs/NAME]", show_default=False)
    ] = None,
    device: Annotated[str, typer.Option(help="auto, cpu, cuda or cuda:i")] = "auto",
    seed: Annotated[int | None, typer.Option(min=0, help="The experiment's seed.")] = None,
    seeds: Annotated[
        int | None, typer.Option(min=1, help="Train everything so many times, with further seeds.")
    ] = None,
    sweep: Annotated[
        list[str] | None,
        typer.Option(
            metavar="KEY=V,V,...",
            help="Compare several values of one key, such as tokenizer.depth=1,2,4; shared parts "
            "are computed once.",
        ),
    ] = None,
    minutes: Annotated[
        float | None,
        typer.Option(
            min=0.1, help="Pause after so long, resumable by the same command (exit code 130)."
        ),
    ] = None,
    skip_bad: Annotated[
        bool,
        typer.Option("--skip-bad", help="Leave out images that cannot be read, and list them."),
    ] = False,
    dry_run: Annotated[
        bool,
        typer.Option("--dry-run", help="Try a little of each stage; show time, memory, disk."),
    ] = False,
    fresh: Annotated[
        bool, typer.Option("--fresh", help="Forget what the run folder holds; default is to go on.")
    ] = False,
    json_: Annotated[
        bool, typer.Option("--json", help="Machine-readable result on standard output.")
    ] = False,
) -> None:
    """Train, sample, measure and compare complete systems; end with a table and a report."""
    from ..compare import compare as carry_out  # late: --help needs no torch
    from ..compare import open_settings
    from ..dry_run import forecast, plan_table
    from ..errors import ConfigError
    from ..experiment import build_experiment
    from ..experiment_source import experiment_values
    from ..pipeline import plan
    from ..recipe_changes import recipe_changes
    from .interruption import going_on_from
    from .output import as_json, print_outcome, result_console

    changes = [*(set_ or [])]
    changes += [f"seed={seed}"] if seed is not None else []
    changes += [f"seeds={seeds}"] if seeds is not None else []
    changes += ["data.skip_bad=true"] if skip_bad else []
    if experiment and preset:
        raise ConfigError(f"Give an experiment file or --preset, not both: {experiment}, {preset}.")
    source = str(experiment or preset or "quick")
    values = experiment_values(source, changes, sweep or [], question or [])
    wanted = build_experiment(values)
    folder = out or Path("runs") / wanted.name
    progress, result = Console(stderr=True), result_console()
    for sentence in recipe_changes(values, wanted):
        progress.print(sentence, style="yellow", markup=False, highlight=False, soft_wrap=True)
    if dry_run:
        planned = forecast(plan(open_settings(wanted, device)), folder, progress)
        if json_:
            print(json.dumps(as_json(planned), indent=2))
        else:
            result.print(plan_table(planned, folder))
        return
    with going_on_from(folder):
        outcome = carry_out(wanted, folder, progress, device, fresh, minutes)
    print_outcome(outcome, result, progress, json_)
    if outcome.paused:  # also where a part has failed: there is more to do
        sys.exit(130)
    if outcome.failed:
        sys.exit(1)
