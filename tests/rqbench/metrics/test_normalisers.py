"""Mirrors rqbench/metrics/normalisers.py."""

import pytest
import torch

from rqbench.metrics.normalisers import NORMALISERS, normaliser

ENDS = {
    "(x-128)/128": (-1, 0.9921875), "2x/255-1": (-1, 1), "(x-127)/128": (-0.9921875, 1),
    "network": (0, 255),
}  # fmt: skip


@pytest.mark.parametrize("name", NORMALISERS)
def test_black_and_white_become_what_the_name_says(name):
    assert tuple(normaliser(name)(torch.tensor([0.0, 255.0])).tolist()) == ENDS[name]
