"""Mirrors rqbench/stages/draw_samples.py."""

import torch

from rqbench.codes import Codes
from rqbench.models import load_prior, load_tokenizer
from rqbench.stages.draw_samples import balanced_classes, decode, read_samples
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
