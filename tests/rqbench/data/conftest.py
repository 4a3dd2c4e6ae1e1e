"""Small picture files for the tests of data."""

import numpy as np
import pytest
from PIL import Image


@pytest.fixture
def write(tmp_path):
    """Write a PNG of noise below tmp_path; its pixels follow from the seed."""

    def write_noise(name, seed=0, size=(40, 30)):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        noise = np.random.default_rng(seed).integers(0, 256, (*size[::-1], 3), dtype=np.uint8)
        Image.fromarray(noise).save(path)
        return path

    return write_noise
