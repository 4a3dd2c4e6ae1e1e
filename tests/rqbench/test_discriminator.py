"""Mirrors rqbench/discriminator.py."""

import pytest
import torch
from torch import nn

from rqbench.discriminator import PatchDiscriminator, patches_along
from rqbench.errors import ConfigError


@pytest.mark.parametrize(("layers", "parameters", "side"), [(2, 663_361, 62), (3, 2_765_633, 30)])
def test_it_has_the_published_parameters_and_patches(layers, parameters, side):
    discriminator = PatchDiscriminator(layers, channels=64)
    assert sum(value.numel() for value in discriminator.parameters()) == parameters
    assert discriminator(torch.rand(1, 3, 256, 256)).shape == (1, 1, side, side)
    assert patches_along(256, layers) == side


def test_no_layer_is_wider_than_eight_times_the_first():
    discriminator = PatchDiscriminator(5, channels=2)
    widths = [part.out_channels for part in discriminator.modules() if isinstance(part, nn.Conv2d)]
    assert widths == [2, 4, 8, 16, 16, 16, 1]


def test_it_starts_as_published():
    discriminator = PatchDiscriminator(3, channels=64)
    for part in discriminator.modules():
        if isinstance(part, nn.Conv2d):
            assert part.weight.std().item() == pytest.approx(0.02, rel=0.1)
            assert part.weight.mean().item() == pytest.approx(0, abs=0.002)
        if isinstance(part, nn.BatchNorm2d):
            assert part.weight.mean().item() == pytest.approx(1, abs=0.01)
            assert part.weight.std().item() == pytest.approx(0.02, rel=0.3)
            assert (part.bias == 0).all()


def test_a_grey_picture_is_zero_inside():
    discriminator = PatchDiscriminator(1, channels=4)
    seen = []
    discriminator.main[0].register_forward_pre_hook(lambda _, inputs: seen.append(inputs[0]))
    discriminator(torch.stack([torch.full((3, 8, 8), level) for level in (0.0, 0.5, 1.0)]))
    assert seen[0].mean(dim=(1, 2, 3)).tolist() == [-1.0, 0.0, 1.0]


@pytest.mark.parametrize("layers", [1, 2, 3, 4])
@pytest.mark.parametrize("side", [12, 16, 31, 32, 57])
def test_patches_are_counted_right(layers, side):
    try:
        expected = PatchDiscriminator(layers, 2)(torch.rand(2, 3, side, side)).shape[-1]
    except RuntimeError:  # torch's convolution finds nothing to do
        with pytest.raises(ConfigError, match=f"{layers} layers leaves no patch of images of"):
            patches_along(side, layers)
    else:
        assert patches_along(side, layers) == expected


def test_under_autocast_it_judges_in_single_precision():
    discriminator = PatchDiscriminator(1, channels=4).eval()
    images = torch.rand(2, 3, 16, 16)
    expected = discriminator(images)
    with torch.autocast("cpu", torch.bfloat16):
        found = discriminator(images)
        of_half = discriminator(images.bfloat16())
    assert torch.equal(found, expected)
    assert torch.equal(of_half, discriminator(images.bfloat16().float()))
