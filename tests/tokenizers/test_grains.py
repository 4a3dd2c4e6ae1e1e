"""Mirrors rqbench_tokenizers/grains.py."""

import torch

from rqbench.api import CodeLayout
from rqbench_tokenizers.grains import merge


def test_each_region_shows_its_grain_and_coarse_features_fill_their_cells() -> None:
    layout = CodeLayout(4, 8, 1, 8, grain_sizes=(4, 2, 1))
    coarse = torch.tensor([[[[100.0, 200.0]]]])
    median = torch.arange(8.0).view(1, 1, 2, 4) + 10
    fine = -torch.arange(32.0).view(1, 1, 4, 8)
    merged = merge([coarse, median, fine], torch.tensor([[[0, 1]]]), layout)[0, 0]
    assert merged.tolist() == [
        [100, 100, 100, 100, 12, 12, 13, 13],
        [100, 100, 100, 100, 12, 12, 13, 13],
        [100, 100, 100, 100, 16, 16, 17, 17],
        [100, 100, 100, 100, 16, 16, 17, 17],
    ]
    assert torch.equal(merge([coarse, median, fine], torch.tensor([[[2, 2]]]), layout), fine)
