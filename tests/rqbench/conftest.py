"""Tiny experiments, and one finished run of such a one for all tests that read it."""

import shutil
from collections.abc import Callable, Iterator
from io import StringIO
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from rich.console import Console

from rqbench import compare
from rqbench.compare import Outcome
from rqbench.experiment import Experiment, load_experiment
from rqbench.progress import Progress
from rqbench.reporting import DrawnReport

SMALL = (
    "data.held_out=9", "measure.samples=4", "measure.batch_size=9", "measure.pictures=2",
    "measure.zero_order_crops=16",
    "training.tokenizer={steps: 2, batch_size: 2, log_every: 1, calibration_crops: 16}",
    "training.prior={steps: 2, batch_size: 8, log_every: 1, crops: 16}",
)  # fmt: skip


@pytest.fixture(scope="session")
def build_experiment() -> Callable[..., Experiment]:
    """The preset `tiny`, cut down to some systems (of which all tokenizers and priors stay) and
    changed by overrides."""

    def build(
        *systems: tuple[str, str], overrides: tuple[str, ...] = (), **changes: Any
    ) -> Experiment:
        whole = load_experiment("tiny", [*SMALL, *overrides])
        kept = tuple(each for each in whole.systems if (each.tokenizer, each.prior) in systems)
        assert len(kept) == len(systems)
        parts = {
            "tokenizers": {
                name: whole.tokenizers[name] for name in dict.fromkeys(s.tokenizer for s in kept)
            },
            "priors": {name: whole.priors[name] for name in dict.fromkeys(s.prior for s in kept)},
            "systems": kept,
            "headlines": (),
        }
        return whole.model_copy(update=parts | changes)

    return build


@pytest.fixture(scope="session")
def two_systems(build_experiment: Callable[..., Experiment]) -> Experiment:
    return build_experiment(("vq-4x4", "raster"), ("rq-4x4x4", "depth-stacked"))


@pytest.fixture(scope="session")
def finished(two_systems: Experiment, tmp_path_factory: pytest.TempPathFactory) -> Outcome:
    """A whole run with its report. Copy its folder before changing anything in it."""
    out = tmp_path_factory.mktemp("finished") / "run"
    return compare.compare(two_systems, out, Console(quiet=True), "cpu")


@pytest.fixture
def run_copy(finished: Outcome, tmp_path: Path) -> Path:
    """The finished run's folder, to be changed freely."""
    shutil.copytree(finished.run, tmp_path / "run")
    return tmp_path / "run"


@pytest.fixture
def without_report(monkeypatch: pytest.MonkeyPatch) -> None:
    """Carry out experiments without drawing, which takes longer than the rest of them."""
    drawn = DrawnReport(Path(), [], [], {})
    monkeypatch.setattr(compare, "draw_report", lambda runs: drawn)


@pytest.fixture
def spoken() -> Console:
    """A console that keeps what is said: `spoken.file.getvalue()`."""
    return Console(file=StringIO(), width=1000)


@pytest.fixture
def progress(spoken: Console) -> Iterator[Progress]:
    with Progress(spoken, 1) as shown:
        shown.begin_stage("a stage")
        yield shown


@pytest.fixture(scope="session")
def write_classes() -> Callable[[Path], Path]:
    """Write a folder of noise in two classes, six pictures each."""

    def write(root: Path) -> Path:
        noise = np.random.default_rng(0)
        for name in ("a", "b"):
            (root / name).mkdir(parents=True)
            for index in range(6):
                pixels = noise.integers(0, 256, (32, 32, 3), dtype=np.uint8)
                Image.fromarray(pixels).save(root / name / f"{index}.png")
        return root

    return write
