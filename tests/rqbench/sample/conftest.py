"""Trained systems: one of photographs, and one of two classes that differ in brightness."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from rich.console import Console

from rqbench.compare import Outcome, compare
from rqbench.data import DataConfig
from rqbench.experiment import Experiment
from rqbench.reporting import DrawnReport
from rqbench.sample import TrainedSystem, load_system


@pytest.fixture(scope="session")
def trained(finished: Outcome) -> TrainedSystem:
    return load_system(finished.run, "rq-4x4x4 + depth-stacked")


@pytest.fixture(scope="session")
def labelled_run(
    build_experiment: Callable[..., Experiment], tmp_path_factory: pytest.TempPathFactory
) -> Path:
    root = tmp_path_factory.mktemp("labelled")
    noise = np.random.default_rng(0)
    for name, low in (("dark", 0), ("light", 128)):
        (root / "data" / name).mkdir(parents=True)
        for index in range(12):
            pixels = noise.integers(low, low + 128, (32, 32, 3), dtype=np.uint8)
            Image.fromarray(pixels).save(root / "data" / name / f"{index}.png")
    data = DataConfig(source=str(root / "data"), resolution=32, held_out=8, held_out_share=0.3)
    experiment = build_experiment(("vq-4x4", "raster"), data=data)
    with pytest.MonkeyPatch.context() as patch:  # drawing its report would take longer
        patch.setattr("rqbench.compare.draw_report", lambda runs: DrawnReport(Path(), [], [], {}))
        outcome = compare(experiment, root / "run", Console(quiet=True), "cpu")
    assert not outcome.failed
    return root / "run"


@pytest.fixture(scope="session")
def labelled(labelled_run: Path) -> TrainedSystem:
    """Of two classes; the run's only system."""
    return load_system(labelled_run)
