"""Mirrors rqbench/metrics/extractors/clip.py."""

import warnings

import pytest
import torch
from torch import nn

from rqbench.errors import DamagedFileError
from rqbench.metrics.extractor import load_extractor
from rqbench.metrics.extractors.catalogue import EXTRACTORS
from rqbench.metrics.extractors.clip import CLIP
from rqbench.metrics.libraries import library

WIDTH, PATCH = 64, 16


class Both(nn.Module):
    """As CLIP's archives: a picture half under `visual`, and what tells the width of the text."""

    def __init__(self):
        super().__init__()
        module = library("torch_fidelity.feature_extractor_clip")
        self.visual = module.VisionTransformer(32, PATCH, WIDTH, 1, 1, output_dim=6)
        self.text_projection = nn.Parameter(torch.zeros(4, 6))

    def forward(self, pixels):
        return self.visual(pixels) + self.text_projection.sum()


@pytest.fixture
def weights(tmp_path):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # shapes are asked for in Python
        traced = torch.jit.trace(Both().eval(), torch.rand(1, 3, 32, 32))
    traced.save(str(tmp_path / "clip.pt"))
    return tmp_path / "clip.pt"


def test_files_are_those_that_torch_fidelity_asks_for():
    published = library("torch_fidelity.feature_extractor_clip").MODEL_METADATA
    assert {known.natural.extractor for known in CLIP} == set(published)
    for name, meta in published.items():
        weights = EXTRACTORS[name].weights
        assert weights.sha256 == meta["hash"]
        assert weights.url.endswith(f"/{meta['hash']}/{meta['filename']}.pt")
        assert [path.name for path in weights.places()] == [f"{name}-{meta['hash']}.pt"]


def test_features_are_torch_fidelitys(weights):
    pixels = torch.randint(0, 256, (2, 3, 20, 24), dtype=torch.uint8)
    found = load_extractor(EXTRACTORS["clip-vit-b-32"].natural, weights=weights)
    make = library("torch_fidelity.feature_extractor_clip").FeatureExtractorCLIP
    theirs = make("clip-vit-b-32", ["clip"], feature_extractor_weights_path=str(weights))
    features, logits = found.extract(pixels)
    torch.testing.assert_close(features, theirs(pixels)[0], rtol=0, atol=0)
    assert features.shape == (2, 6)
    assert features.std() > 0
    assert logits.shape == (2, 0)


def test_a_state_dict_is_no_archive_of_clip(tmp_path):
    torch.save({}, tmp_path / "clip.pt")
    with pytest.raises(DamagedFileError, match="no weights of CLIP"):
        load_extractor(EXTRACTORS["clip-rn50"].natural, weights=tmp_path / "clip.pt")
