"""Mirrors rqbench/metrics/bit_correlations.py."""

import math

import pytest
import torch

from rqbench.metrics.bit_correlations import bit_correlations


def test_bits_are_ranked_beside_the_detail_and_the_error_of_the_same_patch():
    """Four patches of 2 pixels a side and four cells each, with 0, 1, 1.5 and 2 bits of detail."""
    images = torch.tensor(
        [[0, 0, 0, 99, 0, 0, 0, 50], [0, 0, 0, 99, 50, 99, 99, 150]], dtype=torch.uint8
    ).expand(1, 3, -1, -1)
    restored = images.clone()
    restored[..., :2] += 1  # the first patch is wrong by one level, the last by two
    restored[..., 6:] += 2
    bits = torch.tensor([1.0, 2.0, 4.0, 3.0]).repeat_interleave(2).expand(1, 2, -1)
    found = bit_correlations(bits, images, restored, 2)
    assert found["bits_entropy_rank_correlation"] == pytest.approx([0.8])
    # ranks 1 2 4 3 beside 3 1.5 1.5 4
    expected = (-1.5 * 0.5 + -0.5 * -1 + 1.5 * -1 + 0.5 * 1.5) / math.sqrt(5 * 4.5)
    assert found["bits_error_rank_correlation"] == pytest.approx([expected])


def test_an_image_without_differences_has_none():
    images = torch.randint(256, (2, 3, 4, 4), dtype=torch.uint8)
    images[0] = 7
    found = bit_correlations(torch.rand(2, 4, 4), images, images.flip(2), 2)
    assert [math.isnan(value) for value in found["bits_entropy_rank_correlation"]] == [True, False]
