"""Mirrors rqbench/stages/draw_samples.py."""

from dataclasses import replace

import torch

from rqbench.checkpoint import load_tensors
from rqbench.codes import Codes
from rqbench.models import load_prior, load_tokenizer
from rqbench.stage import Context, Estimate, Stage
from rqbench.stages.draw_samples import balanced_classes, decode, draw_samples, read_samples
from rqbench.stages.trial import fresh_tokenizer


def test_classes_are_drawn_in_equal_shares(setting, classes):
    assert balanced_classes(setting, 0, 3) is None
    assert balanced_classes(classes, 3, 4).tolist() == [[1], [0], [1], [0]]


def test_pixels_round_to_the_nearest_and_stay_in_range(setting, monkeypatch):
    model = fresh_tokenizer(setting, "vq-4x4")
    values = torch.tensor([-0.1, 0.0019, 0.0021, 0.5, 1.5])  # of 255: 0.48, 0.54, 127.5
    monkeypatch.setattr(
        model, "decode", lambda codes: values[codes.values[:, 0, 0, 0]].view(-1, 1, 1, 1)
    )
    codes = torch.arange(5).view(5, 1, 1, 1).repeat(1, 4, 4, 1)
    images = decode(model, Codes(codes, setting.layouts["vq-4x4"]), batch_size=2)
    assert images.dtype == torch.uint8
    assert images.flatten().tolist() == [0, 0, 1, 128, 255]


def test_stored_samples_are_those_of_the_experiments_seed(finished, setting):
    system = "rq-4x4x4+depth-stacked"
    (folder,) = finished.run.glob(f"stages/samples-{system}-*")
    (prior,) = finished.run.glob(f"stages/prior-{system}-*")
    (tokenizer,) = finished.run.glob("stages/tokenizer-rq-4x4x4-*")
    codes = load_prior(prior, "cpu").sample(4, setting.seed("samples"))
    images = decode(load_tokenizer(tokenizer, "cpu"), codes, 9)
    assert torch.equal(read_samples(folder), images)


def test_samples_in_several_batches_are_those_of_one(finished, setting, tmp_path, progress):
    (stored,) = finished.run.glob("stages/samples-rq-4x4x4+depth-stacked-*")
    inputs = {
        name: next(finished.run.glob(f"stages/{name}-rq-4x4x4*")) for name in ("tokenizer", "prior")
    }
    measure = setting.experiment.measure.model_copy(update={"sampling_batch": 3})
    experiment = setting.experiment.model_copy(update={"measure": measure})
    parts = [Stage(name, {}, (), lambda context: [], lambda: Estimate(0)) for name in inputs]
    stage = draw_samples(replace(setting, experiment=experiment), experiment.systems[1], *parts)
    assert stage.work(Context(tmp_path, inputs, "cpu", progress)) == ["samples.safetensors"]
    assert len(read_samples(tmp_path)) == 4  # three, then one
    assert torch.equal(read_samples(tmp_path), read_samples(stored))
    ours, theirs = (load_tensors(root / "samples.safetensors")[0] for root in (tmp_path, stored))
    assert torch.equal(ours["samples/values"], theirs["samples/values"])
