"""A small trained-looking system of three classes, a picture for it, and its file."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from rqbench.bitstream import Compressed, compress
from rqbench.progress import Progress
from rqbench.sample import TrainedSystem, load_system


@pytest.fixture(scope="session")
def system(imported: Path) -> TrainedSystem:
    """VQ codes of 4x4 for images of 16x16, and a raster prior of three classes."""
    return load_system(imported)


@pytest.fixture
def picture(tmp_path: Path) -> Path:
    """Noise of 20x30 pixels: six tiles."""
    noise = np.random.default_rng(0).integers(0, 256, (30, 20, 3), dtype=np.uint8)
    Image.fromarray(noise).save(tmp_path / "picture.png")
    return tmp_path / "picture.png"


@pytest.fixture
def one(system: TrainedSystem, picture: Path, progress: Progress) -> Compressed:
    """The picture in a single square."""
    return compress(system, [picture], progress, fit="crop", class_name="1")
