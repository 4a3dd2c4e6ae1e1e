"""Mirrors rqbench_tokenizers/entropy.py."""

import math

import pytest
import torch

from rqbench_tokenizers.entropy import patch_entropy


def flat(value: float) -> torch.Tensor:
    """A patch of one colour, which is `value` on [-1, 1] in red, green and blue."""
    return torch.full((1, 3, 16, 16), (value + 1) / 2)


@pytest.mark.parametrize(
    ("value", "nats"),
    [(-1.0, 2.03e-8), (-0.5, 3.35e-4), (0.0, 0.693147), (0.25, 0.03349)],
)
def test_flat_patches_have_the_published_values(value: float, nats: float) -> None:
    assert patch_entropy(flat(value), 16).item() == pytest.approx(nats, rel=3e-3)


def test_evenly_spaced_grays_nearly_fill_all_bins() -> None:
    values = torch.linspace(-1, 1, 256).view(1, 1, 16, 16)
    ramp = ((values + 1) / 2).expand(1, 3, 16, 16)
    assert patch_entropy(ramp, 16).item() == pytest.approx(3.461580, abs=1e-4)


def test_gray_is_the_published_mixture() -> None:
    images = torch.full((1, 3, 4, 4), 0.5)  # 0 on [-1, 1]
    images[:, 1] = 0.5 + 1 / (31 * 2 * 0.5870)  # green alone lifts gray onto the point 1/31
    assert patch_entropy(images, 4).item() < 1e-6


def test_unit_bins_do_not_see_dark_patches_and_give_zero_not_nan() -> None:
    entropies = patch_entropy(torch.cat([flat(-1.0), flat(0.5)]), 16, "unit")
    assert entropies[0].item() == 0
    assert 0 < entropies[1].item() < math.log(2) + 1e-3


def test_patches_are_regions_in_rows_and_columns() -> None:
    images = torch.full((1, 3, 8, 12), 0.0)
    images[:, :, 4:, 8:] = torch.rand(1, 1, 4, 4)
    entropies = patch_entropy(images, 4)
    assert entropies.shape == (1, 2, 3)
    assert entropies.flatten().argmax().item() == 5
