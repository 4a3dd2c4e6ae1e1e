"""Killed at any moment and started again, `rqbench compare` ends where an undisturbed run ends.

RQBENCH_KILLS=10 kills that many times instead of twice.
"""

import os
import random
import signal
import time
from collections.abc import Callable
from contextlib import suppress
from multiprocessing import get_context
from multiprocessing.process import BaseProcess
from pathlib import Path

import pytest
from rich.console import Console

from rqbench.compare import compare
from rqbench.experiment import Experiment
from rqbench.metric_names import is_timing
from rqbench.record import Record, read_records

KILLS = int(os.environ.get("RQBENCH_KILLS", "2"))
WRITES = 35  # of the experiment below; most are checkpoints
LONGER = (
    "training.tokenizer={steps: 16, batch_size: 4, log_every: 2, checkpoint_every: 2}",
    "training.prior={steps: 30, batch_size: 8, log_every: 2, checkpoint_every: 2, crops: 32}",
)


def start(experiment: Experiment, out: Path) -> BaseProcess:
    """A process of its own, forked: a new one would import torch for longer than it works."""
    arguments = (experiment, out, Console(quiet=True), "cpu")
    process = get_context("fork").Process(target=compare, args=arguments)
    process.start()
    return process


def written(run: Path) -> set[tuple[Path, int]]:
    """Every file of the stages in each version that was seen."""
    found = set()
    for path in run.glob("stages/*/[!.]*"):
        with suppress(FileNotFoundError):  # it was replaced or removed just now
            found.add((path, path.stat().st_mtime_ns))
    return found


def kill_after(writes: int, experiment: Experiment, run: Path) -> bool:
    """Start, and kill when the process has written so many files; False where it ended before."""
    seen = written(run)
    whole = len(seen) + writes
    process = start(experiment, run)
    while process.is_alive() and len(seen) < whole:
        time.sleep(0.002)
        seen |= written(run)
    process.kill()
    process.join()
    assert process.exitcode in (0, -signal.SIGKILL)
    return process.exitcode != 0


def untimed(run: Path) -> list[Record]:
    return [each for each in read_records(run / "records.jsonl") if not is_timing(each.metric)]


@pytest.mark.slow
def test_a_run_that_is_killed_and_started_again_equals_an_undisturbed_one(
    tmp_path: Path, build_experiment: Callable[..., Experiment], without_report: None
) -> None:
    wanted = build_experiment(("rq-4x4x4", "depth-stacked"), overrides=LONGER)
    undisturbed, killed = tmp_path / "undisturbed", tmp_path / "killed"

    compare(wanted, undisturbed, Console(quiet=True), "cpu")

    moments, landed = random.Random(0), 0
    for _ in range(KILLS):
        landed += kill_after(moments.randint(1, 1 + WRITES // KILLS), wanted, killed)
    assert landed
    assert not compare(wanted, killed, Console(quiet=True), "cpu").failed

    assert untimed(killed) == untimed(undisturbed)
    logs = {path.parent.name: path.read_text() for path in undisturbed.glob("stages/*/log.jsonl")}
    assert logs == {
        path.parent.name: path.read_text() for path in killed.glob("stages/*/log.jsonl")
    }
    for folder in (killed / "stages").iterdir():
        assert folder.name == ".lock" or (folder / "manifest.json").is_file()
