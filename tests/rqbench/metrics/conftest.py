"""Weights that nobody has published, and pictures to try networks on."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image
from torch import Tensor, nn

from rqbench.files import sha256_of
from rqbench.metrics.extractors.catalogue import EXTRACTORS
from rqbench.metrics.libraries import library


@pytest.fixture(scope="session")
def random_inception(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file of random weights for torch-fidelity's Inception, with features of about 1."""
    module = library("torch_fidelity.feature_extractor_inceptionv3")
    path = tmp_path_factory.mktemp("weights") / "weights.pth"
    with pytest.MonkeyPatch.context() as patch:  # build it without weights, once
        patch.setattr(module, "load_state_dict_from_url", lambda *_, **__: {})
        patch.setattr(module.FeatureExtractorInceptionV3, "load_state_dict", lambda *_: None)
        network = module.FeatureExtractorInceptionV3("random", ["2048"])
    torch.manual_seed(0)
    for part in network.modules():
        if isinstance(part, nn.Conv2d):
            nn.init.kaiming_normal_(part.weight)
    torch.save(network.state_dict(), path)
    return path


class Scripted(nn.Module):
    """A network with the two ways into it that clean-fid uses."""

    def __init__(self) -> None:
        super().__init__()
        torch.manual_seed(0)
        self.layers = nn.Sequential(nn.Conv2d(3, 32, 37, stride=37), nn.Flatten())  # 8 x 8 x 32

    def forward(self, images: Tensor, return_features: bool) -> Tensor:
        resized = nn.functional.interpolate(images, size=(299, 299), mode="bilinear")
        found: Tensor = self.layers((resized - 128) / 128)
        return found


@pytest.fixture(scope="session")
def scripted_inception(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small TorchScript in the place of the one that clean-fid runs."""
    path = tmp_path_factory.mktemp("scripted") / "inception-2015-12-05.pt"
    torch.jit.script(Scripted()).save(str(path))
    return path


@pytest.fixture
def pass_for_published(monkeypatch: pytest.MonkeyPatch) -> Callable[[str, Path], None]:
    """Let the weights of this file be those that the named extractor's publisher gave out."""

    def let(name: str, path: Path) -> None:
        known = EXTRACTORS[name]
        weights = replace(known.weights, sha256=sha256_of(path)[:8])
        monkeypatch.setitem(EXTRACTORS, name, replace(known, weights=weights))

    return let


@pytest.fixture(scope="session")
def few_pictures(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of four PNGs of 40 x 56 pixels, smooth so that resizers differ a little only."""
    folder = tmp_path_factory.mktemp("pictures")
    noise = np.random.default_rng(0).integers(0, 256, (4, 5, 7, 3), dtype=np.uint8)
    for index, picture in enumerate(noise):
        large = Image.fromarray(picture).resize((56, 40), Image.Resampling.BICUBIC)
        large.save(folder / f"{index}.png")
    return folder
