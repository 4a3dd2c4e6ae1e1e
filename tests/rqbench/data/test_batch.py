"""Mirrors rqbench/data/batch.py."""

import torch

from rqbench.data import to_bytes, to_float


def test_bytes_become_floats_from_zero_to_one():
    images = torch.tensor([0, 51, 255], dtype=torch.uint8).expand(1, 3, 1, 3)
    assert to_float(images)[0, 0, 0].tolist() == torch.tensor([0.0, 0.2, 1.0]).tolist()
    assert to_float(images).dtype == torch.float32


def test_floats_become_the_nearest_byte_or_the_one_below():
    levels = torch.tensor([-0.5, 0.5, 1.49, 1.5, 254.6, 300.0]).view(-1, 1, 1, 1) / 255
    assert to_bytes(levels).flatten().tolist() == [0, 0, 1, 2, 255, 255]
    assert to_bytes(levels, truncate=True).flatten().tolist() == [0, 0, 1, 1, 254, 255]
    every = torch.arange(256, dtype=torch.uint8).view(1, 1, 16, 16).expand(1, 3, 16, 16)
    assert torch.equal(to_bytes(to_float(every)), every)
