"""Mirrors rqbench/stages/train_prior.py."""

import math

import pytest

from rqbench.compare import compare
from rqbench.run_folder import RunFolder
from rqbench.stages import train_prior as stage_file
from rqbench.stages.encode_codes import encode_codes
from rqbench.stages.setting import Setting
from rqbench.stages.train_prior import train_prior
from rqbench.stages.train_tokenizer import train_tokenizer
from rqbench.trainer import CHECKPOINT, read_log


def test_the_log_tells_the_loss_in_nats_a_code_and_bits_an_image(finished):
    (folder,) = finished.run.glob("stages/prior-rq-4x4x4+depth-stacked-*")
    for line in read_log(folder / "log.jsonl"):
        assert line["bits_per_image"] == pytest.approx(line["loss"] * 64 / math.log(2), rel=1e-5)


def test_classes_condition_training_sampling_and_rate(classes, tmp_path, spoken, without_report):
    outcome = compare(classes.experiment, tmp_path / "run", spoken, "cpu")
    assert not outcome.failed
    rates = [record for record in outcome.records if record.metric == "rate_prior_bpp"]
    assert [record.system for record in rates] == ["vq-4x4 + raster"]
    from rqbench.models import load_prior

    (folder,) = tmp_path.glob("run/stages/prior-*")
    assert load_prior(folder, "cpu").condition == classes.condition


SOFT = "{steps: 6, batch_size: 8, log_every: 2, checkpoint_every: 2, label_dropout: 0.3, %s}"


def stages(classes, build_experiment, training):
    """Tokenizer, codes and prior of one system on data with classes."""
    experiment = build_experiment(
        ("vq-4x4", "raster"), overrides=(f"priors.raster.training={training}",)
    )
    setting = Setting(experiment, classes.data, "cpu")
    tokenizer = train_tokenizer(setting, "vq-4x4")
    codes = encode_codes(setting, "vq-4x4", tokenizer, 16)
    return tokenizer, codes, train_prior(setting, experiment.systems[0], tokenizer, codes)


class Interrupted(BaseException):
    """What ends a process from outside."""


def test_an_interrupted_soft_training_ends_where_an_undisturbed_one_ends(
    classes, build_experiment, tmp_path, progress, monkeypatch
):
    """With codes drawn anew and labels dropped at each step."""
    parts = stages(classes, build_experiment, SOFT % "soft_targets: {temperature: 0.5}")
    undisturbed, stopped = RunFolder(tmp_path / "a"), RunFolder(tmp_path / "b")
    for stage in parts:
        undisturbed.carry_out(stage, "cpu", progress)
    encode_softly = stage_file.encode_softly

    def stop(setting, tokenizer, soft, crops, step):
        if step == 5:
            raise Interrupted
        return encode_softly(setting, tokenizer, soft, crops, step)

    with monkeypatch.context() as patched, pytest.raises(Interrupted):
        patched.setattr(stage_file, "encode_softly", stop)
        for stage in parts:
            stopped.carry_out(stage, "cpu", progress)
    assert (stopped.folder(parts[-1]) / CHECKPOINT).is_file()
    stopped.carry_out(parts[-1], "cpu", progress)
    for name in ("model.safetensors", "log.jsonl"):
        whole, resumed = (run.folder(parts[-1]) / name for run in (undisturbed, stopped))
        assert whole.read_bytes() == resumed.read_bytes()


def test_soft_targets_and_stochastic_codes_each_change_the_training(
    classes, build_experiment, tmp_path, progress
):
    run = RunFolder(tmp_path)
    losses = []
    for soft in ("null", "{temperature: 9, stochastic: false}", "{temperature: 9}"):
        parts = stages(classes, build_experiment, SOFT % f"soft_targets: {soft}")
        for stage in parts:
            run.carry_out(stage, "cpu", progress)
        losses.append([line["loss"] for line in read_log(run.folder(parts[-1]) / "log.jsonl")])
    hard, still, stochastic = losses
    assert hard != still != stochastic != hard


def test_the_estimate_of_a_soft_training_encodes_too(classes, build_experiment, monkeypatch):
    encoded = []
    encode_softly = stage_file.encode_softly
    monkeypatch.setattr(
        stage_file,
        "encode_softly",
        lambda *arguments: encoded.append(len(arguments[3])) or encode_softly(*arguments),
    )
    *_, prior = stages(classes, build_experiment, SOFT % "soft_targets: {temperature: 0.5}")
    assert prior.estimate().seconds > 0
    assert encoded == [1, 1, 8, 8, 8]


def test_guided_samples_of_classes_run_from_training_to_scores(
    classes, build_experiment, tmp_path, spoken, without_report
):
    experiment = build_experiment(
        ("vq-4x4", "raster"),
        overrides=(
            "priors.raster.training={label_dropout: 0.2}", "priors.raster.sampling={guidance: 2}",
        ),
        data=classes.experiment.data,
    )  # fmt: skip
    outcome = compare(experiment, tmp_path / "run", spoken, "cpu")
    assert not outcome.failed
    from rqbench.models import load_prior

    (folder,) = tmp_path.glob("run/stages/prior-*")
    assert load_prior(folder, "cpu").condition.null
