"""Flat pictures of a known grey, and an extractor whose features can be worked out by hand."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image
from torch import Tensor

from rqbench.metrics.extractor import Extractor


@dataclass(frozen=True)
class Mean(Extractor):
    """Features: mean of the first channel, width, height. Logits: twice the mean, and 1.

    Attributes:
        batches: how many pictures it was given each time.
        prepared: how many pictures threads have prepared.
    """

    batches: list[int]
    prepared: list[int]
    key: str = "ab" * 32
    num_classes: int = 2

    def prepare(self, picture: np.ndarray) -> np.ndarray:
        self.prepared.append(1)
        return picture.astype(np.float32)

    def extract(self, batch: Tensor) -> tuple[Tensor, Tensor]:
        self.batches.append(len(batch))
        mean = batch[:, 0].mean(dim=(1, 2))
        height, width = batch.shape[2:]
        features = torch.stack([mean, torch.full_like(mean, width), torch.full_like(mean, height)])
        return features.T, torch.stack([2 * mean, torch.ones_like(mean)], dim=1)


@pytest.fixture
def mean_extractor() -> Mean:
    return Mean("mean", "cd" * 32, 3, "none", lambda pixels: None, torch.device("cpu"), [], [])


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
