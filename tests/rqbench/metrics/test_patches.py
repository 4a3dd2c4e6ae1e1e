"""Mirrors rqbench/metrics/patches.py."""

import pytest
import torch

from rqbench.layout import CodeLayout
from rqbench.metrics.patches import (
    common_patch_px,
    patch_entropy_bits,
    patch_error,
    patch_sums,
)


def gray(levels):
    """One picture of these gray levels."""
    return torch.tensor(levels, dtype=torch.uint8).expand(1, 3, -1, -1)


def test_a_patch_holds_whole_regions_of_every_layout():
    square, dynamic = CodeLayout(8, 8, 1, 2), CodeLayout(16, 16, 1, 2, (2, 1))
    assert common_patch_px([square, CodeLayout(16, 16, 1, 2)], 64) == 8
    assert common_patch_px([dynamic], 64) == 8
    assert common_patch_px([CodeLayout(8, 8, 1, 2), CodeLayout(12, 12, 1, 2)], 96) == 24


def test_the_cells_of_a_patch_are_added():
    cells = torch.arange(8.0).view(1, 2, 4)
    assert patch_sums(cells, 1, 2).tolist() == [[[0 + 1 + 4 + 5, 2 + 3 + 6 + 7]]]


def test_entropy_counts_gray_levels_in_bins_of_eight():
    flat, halves = [[0, 7], [0, 7]], [[0, 8], [0, 8]]
    quarters = [[0, 100], [200, 255]]
    picture = gray([a + b + c for a, b, c in zip(flat, halves, quarters, strict=True)])
    assert patch_entropy_bits(picture, 2).tolist() == [[[0.0, 1.0, 2.0]]]


def test_all_bins_alike_have_five_bits():
    every = torch.arange(0, 256, 8).repeat(2).view(8, 8)
    assert patch_entropy_bits(gray(every.tolist()), 8).item() == pytest.approx(5.0)


@pytest.mark.parametrize(("channel", "level"), [(0, 76), (1, 150), (2, 29)])
def test_gray_weighs_the_channels_as_television_does(channel, level):
    """A pure colour falls into the bin of its gray, and not into that of the others."""
    picture = torch.tensor([[level] * 2] * 2, dtype=torch.uint8).repeat(1, 3, 1, 1)
    picture[..., 0] = 0
    picture[:, channel, :, 0] = 255
    assert patch_entropy_bits(picture, 2).item() == 0.0
    picture[..., 1] = (level + 60) % 256
    assert patch_entropy_bits(picture, 2).item() == 1.0


def test_error_is_the_mean_square_of_each_patch():
    black, other = gray([[0, 0, 0, 0]] * 2), gray([[255, 0, 51, 51], [0, 0, 51, 51]])
    assert patch_error(black, other, 2)[0, 0].tolist() == pytest.approx([0.25, 0.04])
