"""Mirrors rqbench_reports/training_curves.py."""

from rqbench.api import RunData
from rqbench_reports import training_curves
from rqbench_reports.training_curves import TrainingCurves, shared_keys, to_frame

LOGS = {
    "vq": [{"step": 0, "loss": 2.0, "learning_rate": 0.1}, {"step": 20, "loss": 1.0}],
    "dq": [{"step": 0, "loss": 3.0, "budget": 0.5, "learning_rate": 0.1}],
}


def test_panels_are_what_stages_have_in_common():
    assert shared_keys(LOGS) == ["loss"]
    assert shared_keys({"dq": LOGS["dq"]}) == ["loss", "budget"]


def test_a_frame_has_a_row_a_logged_step():
    assert to_frame(LOGS, "loss")["loss"].tolist() == [2.0, 1.0, 3.0]
    assert to_frame(LOGS, "budget")["stage"].tolist() == ["dq"]


def test_without_logs_nothing_is_drawn(tmp_path):
    assert TrainingCurves().draw(RunData([], [], training={"prior/a": []}), tmp_path).files == []


def test_the_legend_follows_the_experiment_and_not_the_alphabet(monkeypatch, tmp_path):
    drawn = {}

    def note(figure, axes, per_row):
        drawn[len(drawn)] = axes[0].get_legend_handles_labels()[1]

    monkeypatch.setattr(training_curves, "legend_below", note)
    log = [{"step": 0, "loss": 1.0}, {"step": 1, "loss": 0.9}]
    stages = ("tokenizer/dq", "tokenizer/vq", "prior/dq+a", "prior/vq+b")
    run = RunData([], ["vq", "dq", "vq + b", "dq + a"], training=dict.fromkeys(stages, log))
    TrainingCurves().draw(run, tmp_path)
    assert drawn == {0: ["vq", "dq"], 1: ["vq+b", "dq+a"]}
