"""Mirrors rqbench/data/batch.py."""

import torch

from rqbench.data import to_float


def test_bytes_become_floats_from_zero_to_one():
    images = torch.tensor([0, 51, 255], dtype=torch.uint8).expand(1, 3, 1, 3)
    assert to_float(images)[0, 0, 0].tolist() == torch.tensor([0.0, 0.2, 1.0]).tolist()
    assert to_float(images).dtype == torch.float32
