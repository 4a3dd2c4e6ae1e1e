"""Mirrors rqbench/stages/reference.py."""

import torch

from rqbench.data import to_float
from rqbench.metrics.extractor import find_extractor
from rqbench.stages.reference import read_features


def test_stored_features_are_those_of_the_held_out_crops(finished, setting):
    (folder,) = finished.run.glob("stages/reference-*")
    stored = read_features(folder)
    features, logits = find_extractor("cpu").features(to_float(setting.data.held_out().images))
    torch.testing.assert_close(stored.features, features)
    torch.testing.assert_close(stored.logits, logits)
