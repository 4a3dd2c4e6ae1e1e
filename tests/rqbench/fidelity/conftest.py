"""Flat pictures of a known grey, and an extractor whose features can be worked out by hand."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from hashlib import sha256
from pathlib import Path

import pytest
import torch
from PIL import Image
from torch import Tensor, nn

from rqbench.fidelity.feature_set import FeatureSet
from rqbench.fidelity.measured_set import MeasuredSet
from rqbench.fidelity.pictures import PictureFacts
from rqbench.metrics.extractor import Extractor
from rqbench.metrics.feature_protocol import FeatureProtocol
from rqbench.metrics.moments import Moments


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


def picture_facts(names: list[str]) -> list[PictureFacts]:
    """Of pictures whose content is their name."""
    digests = [sha256(name.encode()).hexdigest() for name in names]
    pairs = zip(names, digests, strict=True)
    return [PictureFacts(name, digest, 64, 64, "PNG", "RGB", None) for name, digest in pairs]


@pytest.fixture
def of_features() -> Callable[..., MeasuredSet]:
    """A set of these features and logits, with or without names of its pictures."""

    def build(features: Tensor, logits: Tensor | None = None, name: str = "a") -> MeasuredSet:
        logits = torch.empty(len(features), 0) if logits is None else logits
        facts = picture_facts([f"{name}{place}" for place in range(len(features))])
        found = FeatureSet.of_arrays(features.float().numpy(), logits.float().numpy(), facts)
        return MeasuredSet(name, Moments.of(features), found)

    return build


@pytest.fixture
def of_photographs() -> Callable[..., MeasuredSet]:
    """The same set, its pictures crops of photographs of these names."""

    def build(measured: MeasuredSet, names: Sequence[str]) -> MeasuredSet:
        return replace(measured, features=measured.features.of_photographs(names))

    return build


@pytest.fixture
def normal_set(of_features: Callable[..., MeasuredSet]) -> Callable[..., MeasuredSet]:
    """Normal features and logits: `normal_set(300, shift=0.5, name="fake")`."""

    def build(n: int, d: int = 8, v: int = 5, shift: float = 0.0, name: str = "a") -> MeasuredSet:
        random = torch.Generator().manual_seed(sum(name.encode()))
        features = torch.randn(n, d, generator=random) + shift
        return of_features(features, 2 * torch.randn(n, v, generator=random), name)

    return build
