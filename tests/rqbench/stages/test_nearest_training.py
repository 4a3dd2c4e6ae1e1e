"""Mirrors rqbench/stages/nearest_training.py."""

import pytest
import torch

from rqbench.codes import Codes, spread
from rqbench.layout import CodeLayout
from rqbench.metrics.extractor import find_extractor
from rqbench.stages.nearest_training import NearestTraining
from rqbench.stages.recording import Recorder

LAYOUT = CodeLayout(4, 4, 1, 512)
CLUSTERS = [f"photograph {place % 4}" for place in range(24)]


def drawn(count, seed):
    """Features and codes of as many unrelated images."""
    source = torch.Generator().manual_seed(seed)
    codes = torch.randint(512, (count, 4, 4, 1), generator=source)
    return torch.randn(count, 8, generator=source), Codes(codes, LAYOUT)


def found(samples, held_out, crops):
    return NearestTraining.find(*zip(samples, held_out, crops, strict=True), "cpu")


def recorded(setting, near):
    recorder = Recorder(setting.provenance, "vq-4x4", "raster")
    records = near.records(setting, recorder, find_extractor(), 60, CLUSTERS)
    return {record.metric: record for record in records}


def test_samples_that_are_training_crops_are_found_out(setting):
    (features, codes), held_out = drawn(60, 1), drawn(24, 2)
    copies = features[::3].clone(), codes[torch.arange(0, 60, 3)]
    near = found(copies, held_out, (features, codes))
    for space in ("features", "codes"):
        assert near.samples[space].crops.tolist() == list(range(0, 60, 3))
        assert near.samples[space].distances.eq(0).all()
    values = {metric: record.value for metric, record in recorded(setting, near).items()}
    assert values == {
        "nearer_to_training_share": 1, "training_copies_share": 1,
        "nearer_to_training_codes_share": 1, "training_code_copies_share": 1,
    }  # fmt: skip


def test_held_out_images_against_held_out_images_are_alike(setting):
    crops, held_out = drawn(60, 3), drawn(24, 4)
    same = recorded(setting, found(held_out, held_out, crops))
    assert same["nearer_to_training_share"].value == pytest.approx(0.5)
    assert same["nearer_to_training_codes_share"].value == pytest.approx(0.5)
    assert same["training_copies_share"].value == 0
    others = recorded(setting, found(drawn(200, 5), held_out, crops))["nearer_to_training_share"]
    low, high = others.ci95
    assert low < 0.5 < high
    assert others.value == pytest.approx(0.5, abs=0.15)


def test_what_was_measured_stands_in_the_protocol(setting):
    crops, held_out = drawn(60, 3), drawn(24, 4)
    recorder = Recorder(setting.provenance, "vq-4x4", "raster")
    found(held_out, held_out, crops).records(setting, recorder, find_extractor(), 60, CLUSTERS)
    by_codes, by_features = sorted(recorder.protocols.values(), key=lambda each: len(each.clauses))
    for protocol in (by_codes, by_features):
        assert protocol.clauses["training_crops"] == 60
        assert protocol.clauses["sampling_temperature"] == "1.0"
    assert "extractor" in by_features.clauses
    assert "extractor" not in by_codes.clauses


def test_equal_codes_of_another_grain_are_no_copy():
    layout = CodeLayout(4, 4, 1, 8, (2, 1))
    values = torch.full((2, 4, 4, 1), 3)
    grains = torch.tensor([[[0, 0], [0, 0]], [[1, 0], [0, 0]]])
    codes = Codes(spread(values, grains, layout), layout, grains)
    features = torch.zeros(1, 2)
    near = NearestTraining.find((features,) * 3, (codes[1:], codes[:1], codes[:1]), "cpu")
    assert near.samples["codes"].distances.tolist() == [0.25]
    assert near.held_out["codes"].distances.tolist() == [0]


def test_pictures_are_the_closest_images_beside_the_crops_that_training_saw(setting):
    (features, codes), held_out = drawn(16, 1), drawn(9, 2)
    order = torch.tensor([5, 2])
    samples = features[order] + torch.tensor([[2.0], [0.0]]), codes[order]
    images = torch.stack([torch.full((3, 32, 32), value, dtype=torch.uint8) for value in (7, 9)])
    near = found(samples, held_out, (features, codes))
    restored = torch.arange(9, dtype=torch.uint8).view(9, 1, 1, 1).repeat(1, 3, 32, 32)
    shown = near.pictures(setting, images, restored, 2)
    assert shown["nearest/samples/features/images"][:, 0, 0, 0].tolist() == [9, 7]
    assert shown["nearest/samples/features/distances"][0] == 0
    assert shown["nearest/samples/first/images"][:, 0, 0, 0].tolist() == [7, 9]
    crops = setting.data.training_crops(setting.seed("prior crops"), [5, 2]).images
    assert torch.equal(shown["nearest/samples/codes/crops"], crops)
    assert shown["nearest/held-out/first/images"][:, 0, 0, 0].tolist() == [0, 1]
