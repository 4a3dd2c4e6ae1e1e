"""Flat pictures of a known grey, and an extractor whose features can be worked out by hand."""

from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from PIL import Image
from torch import Tensor, nn

from rqbench.metrics.extractor import Extractor
from rqbench.metrics.feature_protocol import FeatureProtocol


class Mean(nn.Module):
    """Features: mean of the first channel, width, height. Logits: twice the mean, and 1.

    Attributes:
        batches: how many pictures it saw each time.
    """

    def __init__(self) -> None:
        super().__init__()
        self.batches: list[int] = []

    def forward(self, pixels: Tensor) -> tuple[Tensor, Tensor]:
        self.batches.append(len(pixels))
        mean = pixels[:, 0].float().mean(dim=(1, 2))
        height, width = pixels.shape[2:]
        features = torch.stack([mean, torch.full_like(mean, width), torch.full_like(mean, height)])
        return features.T, torch.stack([2 * mean, torch.ones_like(mean)], dim=1)


@pytest.fixture
def build_extractor() -> Callable[..., Extractor]:
    """An extractor of a network, which resizes nothing; its key depends on what `weights` says."""

    def build(network: nn.Module, weights: str = "cd" * 32) -> Extractor:
        return Extractor(
            "mean", weights, 3, 2, FeatureProtocol(), lambda picture: picture, network.eval(),
            torch.device("cpu"),
        )  # fmt: skip

    return build


@pytest.fixture
def mean() -> Mean:
    return Mean()


@pytest.fixture
def mean_extractor(build_extractor: Callable[..., Extractor], mean: Mean) -> Extractor:
    return build_extractor(mean)


@pytest.fixture
def write_greys(tmp_path: Path) -> Callable[..., Path]:
    """Write flat pictures by their names and greys; the folder."""

    def write(
        greys: dict[str, int], size: tuple[int, int] = (4, 6), folder: str = "images"
    ) -> Path:
        root = tmp_path / folder
        for name, grey in greys.items():
            (root / name).parent.mkdir(parents=True, exist_ok=True)
            Image.new("RGB", size, (grey, 0, 0)).save(root / name)
        return root

    return write


@pytest.fixture
def numbered(write_greys: Callable[..., Path]) -> Callable[..., Path]:
    """Write so many pictures, each of its own grey."""
    return lambda count, **where: write_greys({f"{n:03d}.png": n for n in range(count)}, **where)
