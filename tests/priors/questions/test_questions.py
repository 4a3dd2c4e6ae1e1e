"""All installed questions: each builds, plans, and holds equal what it says is equal."""

from pathlib import Path

import pytest
from rich.console import Console

from rqbench.compare import compare, open_settings
from rqbench.experiment_source import load_experiment
from rqbench.pipeline import plan
from rqbench.plugins import find, installed
from rqbench.reporting import DrawnReport, read_run
from rqbench_reports.answers import answers

ALL = list(installed("question"))
SMALL = (
    "data.held_out=9", "measure.samples=4", "measure.batch_size=9", "measure.pictures=2",
    "measure.sampling_batch=2", "measure.speed_repeats=1", "measure.zero_order_crops=16",
    "measure.coded=1",
    "training.tokenizer={steps: 2, batch_size: 2, log_every: 1, calibration_crops: 16}",
    "training.prior={steps: 2, batch_size: 8, log_every: 1, crops: 16}",
)  # fmt: skip


def without_report(runs):
    """Stands in for drawing, which takes longer than the rest of an experiment."""
    return DrawnReport(Path(), [], [], {})


@pytest.mark.parametrize("name", ALL)
def test_every_question_asks_something_and_says_what_it_holds_equal(name):
    assert find("question", name).load().asks.endswith("?")
    experiment = load_experiment("tiny", questions=[name])
    assert experiment.headlines
    assert all(headline.equal for headline in experiment.headlines)
    assert {headline.question for headline in experiment.headlines} == {name}
    answered = {headline.system for headline in experiment.headlines}
    assert answered <= {*experiment.tokenizers, *(each.name for each in experiment.systems)}


@pytest.mark.parametrize("name", ALL)
def test_every_question_plans_at_the_tiny_scale(name):
    experiment = load_experiment("tiny", questions=[name])
    stages = {stage.name for stage in plan(open_settings(experiment, "cpu")).stages}
    for headline in experiment.headlines:
        assert f"scores/{headline.system}" in stages


def test_questions_of_one_experiment_share_their_tokenizers_and_the_raster_prior():
    together = load_experiment("tiny")
    assert list(together.tokenizers) == ["vq-4x4", "vq-8x8", "rq-4x4x4", "dq-4x4-8x8"]
    assert list(together.priors) == ["raster", "depth-stacked", "coarse-to-fine"]
    assert len(together.systems) == 6


@pytest.fixture(scope="module")
def answered(tmp_path_factory):
    """All questions asked together, as `rqbench compare` asks them: what one builds, others use."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("rqbench.compare.draw_report", without_report)
        experiment = load_experiment("tiny", SMALL, questions=ALL)
        outcome = compare(
            experiment, tmp_path_factory.mktemp("asked") / "run", Console(quiet=True), "cpu"
        )
    assert outcome.failed == {}
    return answers(read_run(outcome.run))


@pytest.mark.slow
@pytest.mark.parametrize("name", ALL)
def test_every_question_runs_end_to_end_and_its_control_is_fair(name, answered):
    given = [answer for answer in answered if answer.headline["question"] == name]
    assert len(given) == len(load_experiment("tiny", SMALL, questions=[name]).headlines)
    for answer in given:
        assert answer.why == ""
        assert answer.fairness.faults == ()
        assert len(answer.fairness.changed) == 1
        assert all(balance.is_equal for balance in answer.fairness.held)
        assert answer.comparison is not None


@pytest.mark.slow
def test_a_tokenizer_trained_otherwise_on_as_many_images_is_no_fair_control(tmp_path, monkeypatch):
    monkeypatch.setattr("rqbench.compare.draw_report", without_report)
    other = "tokenizers.rq-4x4x4.training={learning_rate: 0.02, pixel_loss: l1}"
    asked = load_experiment("tiny", [*SMALL, other], questions=["stacking-vs-grid"])
    two = {name: asked.tokenizers[name] for name in ("vq-8x8", "rq-4x4x4")}
    experiment = asked.model_copy(update={"tokenizers": two, "systems": ()})
    outcome = compare(experiment, tmp_path / "run", Console(quiet=True), "cpu")
    (given,) = answers(read_run(outcome.run))
    assert given.fairness.faults == ("tokenizer and training of the tokenizer both differ",)
    assert given.verdict == "undecided"
