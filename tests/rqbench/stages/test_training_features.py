"""Mirrors rqbench/stages/training_features.py."""

import torch

from rqbench.data import to_float
from rqbench.metrics.extractor import find_extractor
from rqbench.stage import Context
from rqbench.stages import training_features as module
from rqbench.stages.training_features import read_training_features, training_features


def test_features_are_those_of_the_crops_that_priors_train_on(finished, setting):
    (folder,) = finished.run.glob("stages/training-features-*")
    crops = setting.data.training_crops(setting.seed("prior crops"), range(16)).images
    expected, _ = find_extractor().features(to_float(crops))
    stored = read_training_features(folder)
    torch.testing.assert_close(stored, expected, atol=1e-4, rtol=1e-4)


def test_blocks_leave_no_crop_out(setting, tmp_path, progress, monkeypatch):
    monkeypatch.setattr(module, "_BLOCK", 3)
    stage = training_features(setting, find_extractor(), 7)
    assert stage.work(Context(tmp_path, {}, "cpu", progress)) == ["features.safetensors"]
    whole = setting.data.training_crops(setting.seed("prior crops"), range(7)).images
    expected, _ = find_extractor().features(to_float(whole))
    torch.testing.assert_close(read_training_features(tmp_path), expected, atol=1e-4, rtol=1e-4)
