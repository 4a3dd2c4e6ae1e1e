"""Mirrors rqbench/cli/compare.py."""

import json
from pathlib import Path

import pytest
import yaml

from rqbench import compare
from rqbench.compare import Outcome
from rqbench.plugins import installed
from rqbench.recipes import read_recipe


@pytest.fixture
def file(tmp_path, two_systems) -> Path:
    path = tmp_path / "mine.yaml"
    path.write_text(yaml.safe_dump(two_systems.model_dump(mode="json")))
    return path


def test_a_finished_experiment_is_told_as_json_and_nothing_else(
    rqbench, file, run_copy, finished, without_report
):
    ended = rqbench("compare", file, "--out", run_copy, "--json", "--device", "cpu")
    assert ended.status == 0
    told = json.loads(ended.out)
    assert told["run"] == str(run_copy)
    assert told["failed"] == {}
    assert len(told["records"]) == len(finished.records)
    assert not {"raw", "clusters"} & told["records"][0].keys()
    assert f"Records: {run_copy / 'records.jsonl'}" in ended.err


def test_a_dry_run_tells_the_plan_as_json_and_does_nothing(rqbench, file, run_copy):
    before = sorted(run_copy.rglob("*"))
    ended = rqbench("compare", file, "--out", run_copy, "--dry-run", "--json", "--device=cpu")
    assert ended.status == 0
    told = json.loads(ended.out)
    assert told.keys() == {"seconds", "peak_memory_bytes", "disk_bytes", "stages"}
    assert told["stages"][0] == {
        "stage": "reference", "complete": True, "seconds": 0.0, "disk_bytes": 0, "whole": True,
    }  # fmt: skip
    assert len(told["stages"]) == 17
    assert sorted(run_copy.rglob("*")) == before


@pytest.fixture
def asked(monkeypatch, tmp_path):
    """What the command asks of `rqbench.compare.compare`, which does nothing and fails a stage."""
    calls = []

    def pretend(experiment, out, console, device, fresh, minutes):
        calls.append((experiment, out, device, fresh, minutes))
        return Outcome(out, [], {"prior/[x]": "needs [y]"}, [], ["a table"])

    monkeypatch.setattr(compare, "compare", pretend)
    return calls


def test_options_reach_the_experiment(rqbench, asked):
    rqbench("compare", "--preset=tiny", "--set", "measure.samples=6", "--seed=5", "--skip-bad")
    ((experiment, *others),) = asked
    assert (experiment.name, experiment.measure.samples, experiment.seed) == ("tiny", 6, 5)
    assert experiment.data.skip_bad
    assert others == [Path("runs/tiny"), "auto", False, None]


def test_seeds_sweeps_and_minutes_reach_the_experiment(rqbench, asked):
    rqbench(
        "compare", "--preset=tiny", "--seeds=3", "--sweep", "tokenizer.depth=1,2", "--minutes=7",
    )  # fmt: skip
    ((experiment, *others),) = asked
    assert (experiment.seeds, experiment.sweep) == (3, {"tokenizer.depth": [1, 2]})
    assert others[-1] == 7


def test_what_the_preset_changes_of_a_recipe_is_told_on_the_error_stream(rqbench, asked):
    recipe = next(name for name in installed("recipe") if read_recipe(name).trains == "tokenizer")
    ended = rqbench(
        "compare",
        "--preset=tiny",
        "--set",
        f"training.tokenizer.recipe={recipe}",
        "--set",
        "training.tokenizer.accumulation=1",
    )
    assert f"training.tokenizer: of the recipe {recipe} this experiment changes " in ended.err
    assert ended.out == "a table\n"
    whole = f"training.tokenizer={{recipe: {recipe}}}"
    assert "recipe" not in rqbench("compare", "--preset=tiny", "--set", whole).err


def test_a_pause_is_told_and_ends_with_130(rqbench, monkeypatch):
    paused = Outcome(Path("run"), [], {"prior/a": "broke"}, [], [], paused=True)
    monkeypatch.setattr(compare, "compare", lambda *_: paused)
    ended = rqbench("compare", "--preset=tiny", "--minutes=1")
    assert ended.status == 130
    assert "The same command goes on from here." in ended.err
    assert "Report:" not in ended.err  # nothing was drawn yet


def test_work_that_failed_is_told_and_ends_with_1(rqbench, asked):
    ended = rqbench("compare", "--preset", "tiny", "--fresh", "--device", "cpu")
    assert ended.status == 1
    assert asked[0][2:] == ("cpu", True, None)
    assert ended.out == "a table\n"
    assert "failed prior/[x]: needs [y]\n" in ended.err


def test_questions_stand_in_for_what_the_preset_asks(rqbench, monkeypatch):
    asked = []

    def stop(experiment, out, *options):
        asked.append((experiment, out))
        raise KeyboardInterrupt

    monkeypatch.setattr(compare, "compare", stop)
    names = ("stacking-vs-grid", "codebook-size-vs-depth")
    rqbench("compare", "--preset=tiny", *(f"--question={name}" for name in names))
    ((experiment, out),) = asked
    assert out == Path("runs/tiny-stacking-vs-grid-codebook-size-vs-depth")
    assert {headline.question for headline in experiment.headlines} == set(names)
    assert list(experiment.priors) == ["raster"]
    assert experiment.data.resolution == 32


def test_an_interruption_is_told_how_to_go_on(rqbench, monkeypatch, tmp_path):
    def stop(*arguments):
        raise KeyboardInterrupt

    monkeypatch.setattr(compare, "compare", stop)
    out = tmp_path / "[run]"
    ended = rqbench("compare", "--preset", "tiny", "--out", out)
    assert ended.status == 130
    assert "Nothing was computed yet." in ended.err
    out.mkdir()
    ended = rqbench("compare", "--preset", "tiny", "--out", out)
    assert ended.status == 130
    assert "What is done is kept in" in ended.err
    assert "[run]; the same command goes on from there." in ended.err.replace("\n", "")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--preset", "tinny"], "No preset is called 'tinny'. Did you mean 'tiny'?"),
        (["--preset=tiny", "--set", "sede=1"], "experiment.sede: no such key."),
        (["--preset=tiny", "--device=gpu"], "--device 'gpu' is none of"),
        (["mine.yaml", "--preset=tiny"], "Give an experiment file or --preset, not both"),
        (["lost.yaml"], "There is no experiment file lost.yaml"),
        (["--preset=tiny", "--out", str(Path(__file__).parent)], "is not empty and no run"),
    ],
)
def test_a_wrong_request_ends_with_2_and_a_sentence(rqbench, arguments, said):
    ended = rqbench("compare", *arguments)
    assert ended.status == 2
    assert ended.out == ""
    assert ended.err.startswith(f"error {said}") or said in ended.err
    assert "Traceback" not in ended.err
