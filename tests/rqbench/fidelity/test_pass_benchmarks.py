"""How fast the pass is beside torch-fidelity's own, and how much memory it takes:

    pytest tests/rqbench/fidelity/test_pass_benchmarks.py -o addopts=--import-mode=importlib \\
        --benchmark-only -s

Both see the same folder of PNG files and run the same network on the same number of threads, in
turn, without a cache. Ratios carry over to other machines, seconds do not.
"""

import json
import os
import shutil
import statistics
import subprocess
import sys
import time
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pytest
import torch
from PIL import Image
from pytest_benchmark.fixture import BenchmarkFixture
from rich.console import Console
from torch import Tensor, nn

from rqbench.fidelity.feature_pass import feature_pass
from rqbench.fidelity.folder_pictures import FolderPictures
from rqbench.fidelity.stats import default_workers
from rqbench.metrics.extractor import Extractor
from rqbench.metrics.feature_protocol import FeatureProtocol
from rqbench.metrics.libraries import library
from rqbench.progress import Progress

ROUNDS, IMAGES, SIDE, BATCH, HELD = 5, 1000, 64, 32, 20000
DIM, CLASSES = 256, 16


class Layers(nn.Module):
    """So many convolutions on half the side; each more makes the network slower."""

    def __init__(self, count: int) -> None:
        super().__init__()
        torch.manual_seed(0)
        layers = [nn.Sequential(nn.Conv2d(32, 32, 3, padding=1), nn.ReLU()) for _ in range(count)]
        self.trunk = nn.Sequential(nn.Conv2d(3, 32, 3, 2, 1), *layers, nn.AdaptiveAvgPool2d(2))
        self.head = nn.Linear(32 * 4, DIM + CLASSES)

    def forward(self, pixels: Tensor) -> tuple[Tensor, Tensor]:
        found = self.head(self.trunk(pixels.float() / 255).flatten(1))
        return found[:, :DIM], found[:, DIM:]


def write_noise(root: Path, count: int) -> Path:
    """PNG files of a photograph's size on disk."""
    root.mkdir()
    rng = np.random.default_rng(0)
    coarse = rng.integers(0, 256, (SIDE // 4, SIDE // 4, 3), dtype=np.uint8)
    smooth = np.asarray(Image.fromarray(coarse).resize((SIDE, SIDE))).astype(np.int64)
    for index in range(count):
        pixels = np.clip(smooth + rng.integers(-8, 9, smooth.shape), 0, 255).astype(np.uint8)
        Image.fromarray(pixels).save(root / f"{index:06d}.png")
    return root


def register(network: nn.Module) -> Any:
    """The network as torch-fidelity's extractors are; one for all sizes."""
    base = library("torch_fidelity.feature_extractor_base").FeatureExtractorBase

    # its base is only known once the library is loaded
    class Registered(base):  # type: ignore[misc, valid-type]
        def __init__(self) -> None:
            super().__init__("layers", ["features", "logits"])
            self.network = network

        def forward(self, pixels: Tensor) -> tuple[Tensor, ...]:
            found: tuple[Tensor, ...] = self.network(pixels)
            return found

        @staticmethod
        def get_provided_features_list() -> tuple[str, ...]:
            return "features", "logits"

    return Registered().eval()


def theirs(root: Path, extractor: Any) -> Tensor:
    extract = library("torch_fidelity.utils").extract_featuresdict_from_input_id
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it starts more processes than there are cores
        found = extract(
            1, extractor, input1=str(root), cuda=False, batch_size=BATCH, verbose=False, cache=False
        )
    features: Tensor = found["features"]
    return features


def ours(root: Path, extractor: Extractor, cache: Path) -> Tensor:
    with Progress(Console(quiet=True), 1) as progress:
        found = feature_pass(
            FolderPictures(root), extractor, cache, default_workers(), BATCH, progress
        )
        features = torch.from_numpy(found.features())
    shutil.rmtree(cache)
    return features


class Took(NamedTuple):
    """Seconds by the clock, and of all processors, children's too: what a busy machine leaves."""

    wall_s: float
    cpu_s: float


def took(work: Callable[[], object]) -> Took:
    start, before = time.perf_counter(), sum(os.times()[:4])
    work()
    return Took(time.perf_counter() - start, sum(os.times()[:4]) - before)


@pytest.mark.parametrize("layers", [1, 8])
def test_images_per_second_against_torch_fidelity(
    benchmark: BenchmarkFixture, tmp_path: Path, layers: int
) -> None:
    root, network = write_noise(tmp_path / "images", IMAGES), Layers(layers).eval()
    registered = register(network)
    extractor = Extractor(
        "layers", "ab" * 32, DIM, CLASSES, FeatureProtocol(), lambda picture: picture, network,
        torch.device("cpu"),
    )  # fmt: skip
    cache = tmp_path / "cache"
    torch.testing.assert_close(ours(root, extractor, cache), theirs(root, registered))
    pairs = [
        (took(lambda: ours(root, extractor, cache)), took(lambda: theirs(root, registered)))
        for _ in range(ROUNDS)
    ]
    ratios = [their.wall_s / our.wall_s for our, their in pairs]
    benchmark.extra_info.update(
        ratio=statistics.median(ratios),
        ratios=[round(ratio, 2) for ratio in ratios],
        cpu_ratio=statistics.median(their.cpu_s / our.cpu_s for our, their in pairs),
        our_images_per_s=IMAGES / statistics.median(our.wall_s for our, _ in pairs),
        their_images_per_s=IMAGES / statistics.median(their.wall_s for _, their in pairs),
    )
    print(layers, benchmark.extra_info)
    benchmark.pedantic(ours, args=(root, extractor, cache), rounds=1)


def test_peak_memory_of_a_large_set(benchmark: BenchmarkFixture, tmp_path: Path) -> None:
    root = write_noise(tmp_path / "images", HELD)
    script = Path(__file__).with_name("pass_memory.py")

    def run() -> None:
        ended = subprocess.run(
            [sys.executable, script, root, tmp_path / "cache"],
            stdout=subprocess.PIPE, text=True, check=True,
        )  # fmt: skip
        benchmark.extra_info.update(json.loads(ended.stdout))

    benchmark.pedantic(run, rounds=1)
    print(benchmark.extra_info)
    assert benchmark.extra_info["held_mb"] < 1500
