"""Mirrors rqbench/stages/train_tokenizer.py."""

import json

import pytest
import torch

from rqbench.checkpoint import load_tensors
from rqbench.codes import Codes
from rqbench.errors import ConfigError
from rqbench.layout import CodeLayout
from rqbench.stage import Context
from rqbench.stages.setting import Setting
from rqbench.stages.train_tokenizer import UsageWindow, train_tokenizer
from rqbench.trainer import CHECKPOINT, read_log


def test_usage_is_the_share_of_codes_seen_since_the_last_line():
    window, layout = UsageWindow(), CodeLayout(1, 2, 1, 8)
    assert window.read() == {}
    for values in ([0, 1], [1, 2]):
        window.add(Codes(torch.tensor(values).view(1, 1, 2, 1), layout))
    assert window.read() == {"codebook_usage": 3 / 8}
    assert window.read() == {}


def test_the_log_tells_each_term_of_the_loss(finished):
    for name in ("vq-4x4", "rq-4x4x4"):
        (folder,) = finished.run.glob(f"stages/tokenizer-{name}-*")
        for line in read_log(folder / "log.jsonl"):
            terms = {"pixel", "commitment"}
            assert line.keys() >= {"step", "loss", "psnr_db", "codebook_usage", *terms}
            assert line["loss"] == pytest.approx(sum(line[term] for term in terms), rel=1e-4)
        cost = json.loads((folder / "cost.json").read_text())
        assert cost.keys() == {"training_s", "peak_memory_bytes"}


ADVERSARIAL = "tokenizers.vq-4x4.training.adversarial={layers: 1, channels: 4, start_step: 1}"


@pytest.fixture
def carry_out(setting, build_experiment, tmp_path, progress):
    """Train vq-4x4 with these overrides; its folder, new unless named, and the log's lines."""

    def train(*overrides, folder=None):
        experiment = build_experiment(("vq-4x4", "raster"), overrides=overrides)
        folder = tmp_path / (folder or str(len(list(tmp_path.iterdir()))))
        folder.mkdir(exist_ok=True)
        stage = train_tokenizer(Setting(experiment, setting.data, "cpu"), "vq-4x4")
        stage.work(Context(folder, {}, "cpu", progress))
        return folder, read_log(folder / "log.jsonl")

    return train


def test_adversarial_training_begins_at_its_step_and_is_logged(carry_out):
    folder, (before, after) = carry_out(ADVERSARIAL)
    begun = {
        "adversarial", "adversarial_weight", "discriminator_loss", "discriminator_on_images",
        "discriminator_on_reconstructions", "discriminator_gradient_norm",
    }  # fmt: skip
    assert after.keys() - before.keys() == begun
    terms = (
        after["pixel"] + after["commitment"] + after["adversarial_weight"] * after["adversarial"]
    )
    assert after["loss"] == pytest.approx(terms, rel=1e-4)
    weights, _ = load_tensors(folder / "model.safetensors")
    plain, _ = load_tensors(carry_out()[0] / "model.safetensors")
    assert weights.keys() == plain.keys()  # the discriminator is not kept
    assert not all(torch.equal(weights[name], plain[name]) for name in weights)


@pytest.mark.parametrize("reconstructions", ["recomputed", "reused"])
def test_an_adversarial_training_killed_and_resumed_equals_an_undisturbed_one(
    carry_out, monkeypatch, setting, tmp_path, reconstructions
):
    overrides = (
        "training.tokenizer={steps: 5, batch_size: 2, log_every: 1, checkpoint_every: 1}",
        ADVERSARIAL.replace("start_step: 1", f"start_step: 1, reconstructions: {reconstructions}"),
    )
    undisturbed, whole = carry_out(*overrides)
    stream = type(setting.data).stream

    def killed(self, *arguments):
        batches = stream(self, *arguments)
        yield from (next(batches) for _ in range(3))
        raise KeyboardInterrupt

    with monkeypatch.context() as patched, pytest.raises(KeyboardInterrupt):
        patched.setattr(type(setting.data), "stream", killed)
        carry_out(*overrides, folder="resumed")
    assert (tmp_path / "resumed" / CHECKPOINT).is_file()
    folder, lines = carry_out(*overrides, folder="resumed")
    assert lines == whole
    name = "model.safetensors"
    assert (folder / name).read_bytes() == (undisturbed / name).read_bytes()


def test_a_discriminator_that_finds_no_patch_is_refused_before_training(setting, build_experiment):
    override = ADVERSARIAL.replace("layers: 1", "layers: 6")
    experiment = build_experiment(("vq-4x4", "raster"), overrides=(override,))
    with pytest.raises(ConfigError, match="6 layers leaves no patch of images of 32 pixels"):
        train_tokenizer(Setting(experiment, setting.data, "cpu"), "vq-4x4")


def test_parts_of_a_batch_make_the_step_of_the_whole_batch(carry_out):
    by_gradient = "tokenizers.vq-4x4.config.codebook=gradient"  # the other starts from a first part
    _, (whole, _) = carry_out(by_gradient)
    _, (parts, _) = carry_out(by_gradient, "training.tokenizer.accumulation=2")
    assert parts == pytest.approx(whole, rel=1e-4)


@pytest.mark.parametrize(
    "override",
    [
        "seed=1",
        "training.tokenizer.steps=3",
        "tokenizers.vq-4x4.config.codebook_size=8",
        "tokenizers.vq-4x4.training.learning_rate=0.5",
        ADVERSARIAL,
    ],
)
def test_whatever_decides_the_weights_decides_the_key(setting, build_experiment, override):
    changed = build_experiment(("vq-4x4", "raster"), overrides=(override,))
    other = Setting(changed, setting.data, "cpu")
    assert train_tokenizer(other, "vq-4x4").key != train_tokenizer(setting, "vq-4x4").key


def test_what_does_not_decide_the_weights_leaves_the_key(setting, build_experiment):
    changed = build_experiment(
        ("vq-4x4", "raster"), overrides=("measure.samples=9", "training.prior.steps=3")
    )
    other = Setting(changed, setting.data, "cpu")
    assert train_tokenizer(other, "vq-4x4").key == train_tokenizer(setting, "vq-4x4").key
