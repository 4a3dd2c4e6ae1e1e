"""Mirrors rqbench_tokenizers/conv.py and conv_config.py."""

from typing import Any

import pytest
import torch
from pydantic import ValidationError
from torch import nn

from rqbench.api import ConfigError
from rqbench_tokenizers.conv import ConvDecoder, ConvEncoder, Trunk
from rqbench_tokenizers.conv_config import ConvConfig

F16 = ConvConfig(attention_levels=(4,))
F32 = ConvConfig(multipliers=(1, 1, 2, 2, 4, 4), attention_levels=(5,))


def parameters(*modules: nn.Module) -> int:
    return sum(weight.numel() for module in modules for weight in module.parameters())


@pytest.mark.parametrize(
    ("config", "encoder_count", "decoder_count"),
    [(F16, 29_298_176, 42_449_795), (F32, 41_101_312, 58_974_595)],
    ids=["f16", "f32"],
)
def test_the_published_networks_have_their_published_sizes(
    config: ConvConfig, encoder_count: int, decoder_count: int
) -> None:
    with torch.device("meta"):
        encoder, decoder = ConvEncoder(config), ConvDecoder(config)
    assert parameters(encoder.trunk, encoder.head) == encoder_count
    assert parameters(decoder) - parameters(decoder.post_quant_conv) == decoder_count
    assert parameters(encoder.quant_conv) == parameters(decoder.post_quant_conv) == 65_792


@pytest.mark.parametrize(("patch", "levels", "downsample"), [(1, 3, 4), (4, 1, 4), (2, 2, 4)])
def test_patch_and_levels_halve_the_sides_and_the_decoder_doubles_them(
    patch: int, levels: int, downsample: int
) -> None:
    config = ConvConfig(channels=8, multipliers=(1,) * levels, embedding=6, patch=patch)
    assert config.downsample == downsample
    latents = ConvEncoder(config)(torch.rand(2, 3, 16, 24))
    assert latents.shape == (2, 4, 6, 6)
    assert ConvDecoder(config)(latents).shape == (2, 3, 16, 24)


def test_the_trunk_gives_each_level_before_it_is_halved() -> None:
    config = ConvConfig(channels=4, multipliers=(1, 2, 3), attention_levels=(1,), num_res_blocks=1)
    shapes = [tuple(feature.shape[1:]) for feature in Trunk(config)(torch.rand(1, 3, 8, 8))]
    assert shapes == [(4, 8, 8), (8, 4, 4), (12, 2, 2)]


def test_latent_channels_may_differ_from_the_vectors_width() -> None:
    config = ConvConfig.tiny().model_copy(update={"latent_channels": 12})
    latents = ConvEncoder(config)(torch.rand(1, 3, 8, 8))
    assert latents.shape == (1, 2, 2, 8)
    assert ConvDecoder(config)(latents).shape == (1, 3, 8, 8)


def test_a_side_that_does_not_divide_is_refused_with_the_way_out() -> None:
    with pytest.raises(ConfigError, match="18 pixels does not divide by 4"):
        ConvEncoder(ConvConfig.tiny())(torch.rand(1, 3, 16, 18))
    with pytest.raises(ConfigError, match="multiple of 4"):
        ConvConfig.tiny().side(10)


def test_attention_at_a_level_that_is_not_there_is_refused() -> None:
    with pytest.raises(ValidationError, match="levels 0 to 1"):
        ConvConfig(multipliers=(1, 2), attention_levels=(2,))


def test_latents_and_images_are_float32_under_autocast() -> None:
    encoder, decoder = ConvEncoder(ConvConfig.tiny()), ConvDecoder(ConvConfig.tiny())
    with torch.autocast("cpu", dtype=torch.bfloat16):
        latents = encoder(torch.rand(1, 3, 8, 8))
        assert latents.dtype == decoder(latents).dtype == torch.float32


def test_a_decoder_that_says_nothing_gives_middle_gray() -> None:
    decoder = ConvDecoder(ConvConfig.tiny())
    nn.init.zeros_(decoder.conv_out.weight)
    nn.init.zeros_(decoder.conv_out.bias)
    assert decoder(torch.randn(1, 2, 2, 8)).unique().tolist() == [0.5]


def test_exact_groups_that_do_not_divide_a_width_are_refused() -> None:
    with pytest.raises(ValidationError, match="48 channels do not divide into 32 groups"):
        ConvConfig(channels=48, exact_groups=True)


@pytest.mark.parametrize("changes", [{"down_padding": "both"}, {"resample_with_conv": False}])
def test_other_ways_to_resample_keep_the_sides(changes: dict[str, Any]) -> None:
    config = ConvConfig(channels=8, multipliers=(1, 1), embedding=6, **changes)
    latents = ConvEncoder(config)(torch.rand(2, 3, 16, 24))
    assert latents.shape == (2, 8, 12, 6)
    assert ConvDecoder(config)(latents).shape == (2, 3, 16, 24)
