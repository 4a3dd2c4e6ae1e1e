"""A small trained-looking system of three classes, a picture for it, and its file."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from rich.console import Console

from rqbench.bitstream import Compressed, compress
from rqbench.progress import Progress
from rqbench.sample import TrainedSystem, load_system


@pytest.fixture(scope="session")
def system(imported: Path) -> TrainedSystem:
    """VQ codes of 4x4 for images of 16x16, and a raster prior of three classes."""
    return load_system(imported)


@pytest.fixture(scope="session")
def picture(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Noise of 20x30 pixels: four tiles."""
    path = tmp_path_factory.mktemp("pictures") / "picture.png"
    noise = np.random.default_rng(0).integers(0, 256, (30, 20, 3), dtype=np.uint8)
    Image.fromarray(noise).save(path)
    return path


@pytest.fixture(scope="session")
def one(system: TrainedSystem, picture: Path) -> Compressed:
    """The picture in a single square."""
    with Progress(Console(quiet=True), 2) as progress:
        return compress(system, [picture], progress, fit="crop", class_name="1")
