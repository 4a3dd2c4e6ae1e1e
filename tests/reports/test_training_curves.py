"""Mirrors rqbench_reports/training_curves.py."""

from rqbench.api import RunData
from rqbench_reports import training_curves
from rqbench_reports.training_curves import TrainingCurves, shared_keys, soft_stages, to_frame

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


def test_several_seeds_are_drawn_as_their_mean_with_a_band_from_end_to_end(monkeypatch, tmp_path):
    drawn = []

    def note(figure, axes, per_row):
        drawn.extend([*axes[0].get_lines(), *axes[0].collections])

    monkeypatch.setattr(training_curves, "legend_below", note)
    training = {
        f"tokenizer/vq{mark}": [{"step": step, "loss": loss} for step in range(2)]
        for mark, loss in (("", 1.0), (" seed +1", 2.0), (" seed +2", 6.0))
    }
    TrainingCurves().draw(RunData([], ["vq"], training=training), tmp_path)
    line, band = drawn
    assert line.get_ydata().tolist() == [3.0, 3.0]
    assert set(band.get_paths()[0].vertices[:, 1]) == {1.0, 6.0}


def test_what_one_stage_alone_logs_is_no_panel_however_many_its_seeds():
    logs = LOGS | {"dq seed +1": LOGS["dq"]}
    assert shared_keys(logs) == ["loss"]
    assert set(to_frame(logs, "loss")["stage"]) == {"vq", "dq"}


SOFT = {
    "rq+hard": [{"step": 1, "loss": 2.0, "bits_per_image": 90.0}],
    "rq+soft": [{"step": 1, "loss": 3.0, "target_perplexity": 5.0}],
    "rq+soft seed +1": [{"step": 1, "loss": 3.0, "target_perplexity": 5.0}],
}


def test_what_has_a_label_is_drawn_for_those_that_log_it():
    assert shared_keys(SOFT) == ["loss", "bits_per_image", "target_perplexity"]


def test_the_loss_on_soft_targets_is_marked_as_another_quantity(monkeypatch, tmp_path):
    assert soft_stages(SOFT) == {"rq+soft"}
    named = {}

    def note(figure, axes, per_row):
        named[figure.get_suptitle()] = [axis.get_legend_handles_labels()[1] for axis in axes]

    monkeypatch.setattr(training_curves, "legend_below", note)
    run = RunData([], ["rq"], training={f"prior/{stage}": log for stage, log in SOFT.items()})
    TrainingCurves().draw(run, tmp_path)
    ((notes, names),) = named.items()
    assert names == [["rq+hard", "rq+soft (soft targets)"], ["rq+hard"], ["rq+soft (soft targets)"]]
    assert training_curves.OF_SOFT_TARGETS in notes
