"""Mirrors rqbench/metrics/resizers.py."""

import warnings

import numpy as np
import pytest
import torch

from rqbench.metrics.resizers import RESIZERS, cpu_resize, tensorflow_resize


def test_tensorflow_begins_at_the_first_pixel_and_repeats_the_last():
    pixels = torch.tensor([[0.0, 10.0]]).expand(1, 3, 2, 2)
    resized = tensorflow_resize(pixels, 4)
    assert resized[0, 0, 0].tolist() == [0, 5, 10, 10]  # at 0, 0.5, 1 and 1.5; 1 is the last


def test_pytorch_puts_the_corners_in_the_middle_of_pixels():
    picture = np.array([[[0] * 3, [10] * 3]] * 2, dtype=np.uint8)
    resized = cpu_resize("torch-bilinear", 4)(picture)
    assert resized[0, :, 0].tolist() == [0, 2.5, 7.5, 10]  # at -0.25, 0.25, 0.75 and 1.25


@pytest.mark.parametrize("name", [name for name, resizer in RESIZERS.items() if resizer.made_of])
def test_resizers_of_the_cpu_keep_the_size_and_the_range(name):
    picture = np.random.default_rng(0).integers(0, 256, (7, 9, 3), dtype=np.uint8)
    resized = cpu_resize(name, 40)(picture)
    assert (resized.shape, resized.dtype) == ((40, 40, 3), np.float32)
    assert resized.min() >= 0
    assert resized.max() <= 255
    assert not np.array_equal(resized, resized.round())  # no rounding to 8 bits between


def test_what_the_device_resizes_is_left_alone():
    picture = np.zeros((2, 3, 3), dtype=np.uint8)
    assert cpu_resize("tf1-bilinear", 4)(picture) is picture
    assert cpu_resize("network", 4)(picture) is picture


def test_the_making_of_a_resizer_leaves_warnings_as_they_were():
    before = list(warnings.filters)
    cpu_resize("torch-bilinear", 4)
    assert list(warnings.filters) == before
