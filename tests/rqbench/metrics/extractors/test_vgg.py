"""Mirrors rqbench/metrics/extractors/vgg.py."""

import pytest
import torch
from torch import nn

from rqbench.errors import DamagedFileError
from rqbench.metrics.extractor import load_extractor
from rqbench.metrics.extractors.vgg import VGG16
from rqbench.metrics.libraries import library


class Small(nn.Module):
    """A network with a classifier of seven layers, of which torch-fidelity takes the last off."""

    def __init__(self):
        super().__init__()
        self.classifier = nn.Sequential(
            nn.AdaptiveAvgPool2d(2), nn.Flatten(), nn.Linear(12, 8), nn.Linear(8, 5), nn.ReLU(),
            nn.Dropout(), nn.Linear(5, 3),
        )  # fmt: skip

    def forward(self, pixels):
        return self.classifier(pixels)


@pytest.fixture
def weights(tmp_path, monkeypatch):
    """A file of a small network that torchvision is made to give for its VGG16."""
    monkeypatch.setattr(library("torchvision").models, "vgg16", Small)
    torch.save(Small().state_dict(), tmp_path / "vgg.pth")
    return tmp_path / "vgg.pth"


def test_features_are_torch_fidelitys(weights):
    pixels = torch.randint(0, 256, (2, 3, 20, 24), dtype=torch.uint8)
    features, logits = load_extractor(VGG16.natural, weights=weights).extract(pixels)
    make = library("torch_fidelity.feature_extractor_vgg16").FeatureExtractorVGG16
    theirs = make("vgg16", ["fc2_relu"], feature_extractor_weights_path=str(weights))
    torch.testing.assert_close(features, theirs(pixels)[0], rtol=0, atol=0)
    assert features.std() > 0
    assert logits.shape == (2, 0)


def test_other_tensors_are_refused(weights):
    torch.save({"classifier.2.weight": torch.zeros(2)}, weights)
    with pytest.raises(DamagedFileError, match="no weights of VGG16"):
        load_extractor(VGG16.natural, weights=weights)
