"""Once installed, FSQ is a tokenizer like any other: listed, trained, compared."""

import json
from pathlib import Path

import pytest
from rich.console import Console
from typer.testing import CliRunner

from rqbench.cli.app import app
from rqbench.compare import compare
from rqbench.experiment_source import load_experiment

EXPERIMENT = Path(__file__).parents[1] / "experiment.yaml"
SHORT = (
    "data.resolution=32", "data.held_out=18", "training.tokenizer.steps=2",
    "training.tokenizer.batch_size=4", "training.prior.steps=2", "training.prior.crops=18",
    "training.prior.batch_size=4", "measure.samples=4", "measure.sampling_batch=2",
    "measure.speed_repeats=1", "measure.pictures=2",
)  # fmt: skip


def test_fsq_is_listed_with_the_distribution_that_brought_it() -> None:
    listed = json.loads(CliRunner().invoke(app, ["plugins", "list", "--json"]).stdout)
    (row,) = [row for row in listed if row["name"] == "fsq"]
    assert row["kind"] == "tokenizer"
    assert row["distribution"] == "rqbench-fsq"
    assert row["state"] == "ok"


def test_fsq_and_vq_leave_the_same_records_at_the_same_nominal_rate(tmp_path: Path) -> None:
    experiment = load_experiment(str(EXPERIMENT), SHORT)
    outcome = compare(experiment, tmp_path, Console(quiet=True), device="cpu")
    assert not outcome.failed
    found = {(record.system, record.metric): record.value for record in outcome.records}
    for end in ("", " + raster"):
        metrics = {
            name: {metric for system, metric in found if system == name + end}
            for name in ("fsq", "vq")
        }
        assert metrics["fsq"] == metrics["vq"] != set()
    assert found["fsq", "rate_nominal_bpp"] == pytest.approx(4 * 4 * 9.965784 / 32**2)  # log2 1000
    assert found["vq", "rate_nominal_bpp"] == found["fsq", "rate_nominal_bpp"]
    assert "FSQ against VQ" in (tmp_path / "report" / "tables" / "headlines.md").read_text()
