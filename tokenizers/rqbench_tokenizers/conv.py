"""The convolutional encoder and decoder that all tokenizers here share.

Source: Esser et al. 2021, arXiv:2012.09841; with patch 1 the published networks, parameter for
parameter. Images are in [0, 1] outside and in [-1, 1] inside. A file letter: z is the channels
between the convolutional network and the 1x1 convolution that leads to the vectors.
"""

from typing import Literal

import torch
from einops import rearrange
from jaxtyping import Float
from pydantic import Field, model_validator
from torch import Tensor, nn
from torch.nn import functional as F

from rqbench.api import Config, ConfigError

from .blocks import AttnBlock, Down, DownPadding, ResBlock, Style, Up, group_norm
from .shortcut import silence


class ConvConfig(Config):
    """Widths and levels of the two halves. The published f16 is the default with
    `attention_levels=(4,)`; f32 has multipliers (1, 1, 2, 2, 4, 4) and attention at level 5."""

    channels: int = Field(128, ge=1, description="base width")
    multipliers: tuple[int, ...] = Field(
        (1, 1, 2, 2, 4), min_length=1, description="width of each level over `channels`"
    )
    num_res_blocks: int = Field(2, ge=1, description="a level; the decoder has one more")
    attention_levels: tuple[int, ...] = Field((), description="levels with attention; 0 is finest")
    mid_attention: bool = Field(True, description="attention between the two middle blocks")
    embedding: int = Field(256, ge=1, description="e, width of the vectors that codes name")
    latent_channels: int | None = Field(None, ge=1, description="z; None: as wide as `embedding`")
    patch: int = Field(
        1, ge=1, description="side in pixels of the squares that enter and leave as one position"
    )
    norm_groups: int = Field(32, ge=1, description="of each normalisation, as far as they divide")
    exact_groups: bool = Field(
        False, description="always norm_groups groups, as published; narrow widths want fewer"
    )
    norm_eps: float = Field(1e-6, gt=0, description="of each normalisation; 1e-6 as published")
    dropout: float = Field(0.0, ge=0, lt=1, description="in residual blocks; published with 0")
    down_padding: DownPadding = Field(
        "end", description="right and bottom as published, or all sides, before halving"
    )
    resample_with_conv: bool = Field(
        True, description="as published; false: 2x2 means down, repetition alone up"
    )
    memory: Literal["channels-last", "channels-first"] = Field(
        "channels-last",
        description="order of values in memory, which changes rounding alone: convolutions and "
        "normalisations round several times as much in the first as in the second, in which the "
        "released code runs",
    )
    zero_init: bool = Field(
        False, description="residual branches start at zero; the published ones do not"
    )
    shortcut: bool = Field(
        False,
        description="a linear path beside the convolutions, started at principal components; ours",
    )

    @model_validator(mode="after")
    def _levels_exist(self) -> "ConvConfig":
        missing = [i for i in self.attention_levels if not 0 <= i < len(self.multipliers)]
        if missing:
            raise ValueError(
                f"attention_levels names {missing}, but {len(self.multipliers)} multipliers make "
                f"the levels 0 to {len(self.multipliers) - 1}. Name one of these"
            )
        return self

    @model_validator(mode="after")
    def _groups_divide(self) -> "ConvConfig":
        widths = [width for width in self.widths if width % self.norm_groups]
        if self.exact_groups and widths:
            raise ValueError(
                f"exact_groups: {widths[0]} channels do not divide into {self.norm_groups} groups. "
                "Choose `channels` and `norm_groups` that do, or exact_groups: false"
            )
        return self

    @classmethod
    def tiny(cls) -> "ConvConfig":
        """Two levels of a few thousand parameters, downsample 4; tests build it in milliseconds."""
        return cls(channels=8, multipliers=(1, 1), num_res_blocks=1, embedding=8, patch=2)

    @property
    def widths(self) -> tuple[int, ...]:
        """Channels of each level."""
        return tuple(self.channels * multiplier for multiplier in self.multipliers)

    @property
    def memory_format(self) -> torch.memory_format:
        """What torch calls `memory`."""
        last = self.memory == "channels-last"
        return torch.channels_last if last else torch.contiguous_format

    @property
    def style(self) -> Style:
        """What all blocks have in common."""
        return Style(
            self.norm_groups, self.exact_groups, self.norm_eps, self.dropout, self.zero_init
        )

    @property
    def z(self) -> int:
        """Channels that leave the encoder's network and enter the decoder's."""
        return self.latent_channels or self.embedding

    @property
    def downsample(self) -> int:
        """Pixels per side of the coarsest level's positions."""
        return int(self.patch * 2 ** (len(self.multipliers) - 1))

    def finest(self, levels: int) -> "ConvConfig":
        """The same halves with the first `levels` levels only."""
        kept = tuple(level for level in self.attention_levels if level < levels)
        changed = {"multipliers": self.multipliers[:levels], "attention_levels": kept}
        return self.model_copy(update=changed)

    def side(self, pixels: int) -> int:
        """Positions along a side of this many pixels.

        Raises:
            ConfigError: the side does not divide.
        """
        if pixels < 1 or pixels % self.downsample:
            raise ConfigError(
                f"A side of {pixels} pixels does not divide by {self.downsample}, the downsample "
                f"of patch {self.patch} and {len(self.multipliers)} levels. Resize or crop the "
                f"images to a multiple of {self.downsample}, or take levels away."
            )
        return pixels // self.downsample


def _level(
    channels_in: int, channels_out: int, config: ConvConfig, level: int, num: int
) -> nn.Module:
    blocks: list[nn.Module] = []
    for index in range(num):
        before = channels_out if index else channels_in
        blocks.append(ResBlock(before, channels_out, config.style))
        if level in config.attention_levels:
            blocks.append(AttnBlock(channels_out, config.style))
    return nn.Sequential(*blocks)


def _mid(channels: int, config: ConvConfig) -> nn.Sequential:
    style = config.style
    attention = [AttnBlock(channels, style)] if config.mid_attention else []
    return nn.Sequential(
        ResBlock(channels, channels, style), *attention, ResBlock(channels, channels, style)
    )


class Trunk(nn.Module):
    """The encoder's levels, without a head.

    Raises:
        ConfigError: from `forward`: a side that does not divide by `downsample`.
    """

    def __init__(self, config: ConvConfig) -> None:
        super().__init__()
        self.config = config
        self.conv_in = nn.Conv2d(3 * config.patch**2, config.channels, 3, padding=1)
        befores = (config.channels, *config.widths[:-1])
        self.levels = nn.ModuleList(
            _level(before, width, config, level, config.num_res_blocks)
            for level, (before, width) in enumerate(zip(befores, config.widths, strict=True))
        )
        self.downs = nn.ModuleList(
            Down(width, config.down_padding, config.resample_with_conv)
            for width in config.widths[:-1]
        )

    def forward(self, images: Float[Tensor, "b 3 H W"]) -> list[Float[Tensor, "b _ _ _"]]:
        """What each level gives before it is halved, finest first."""
        for pixels in images.shape[2:]:
            self.config.side(pixels)
        squares = F.pixel_unshuffle(2 * images - 1, self.config.patch)
        hidden = self.conv_in(squares.contiguous(memory_format=self.config.memory_format))
        features = []
        for index, level in enumerate(self.levels):
            hidden = level(self.downs[index - 1](hidden) if index else hidden)
            features.append(hidden)
        return features


class Head(nn.Sequential):
    """From the features of one level to z channels: middle blocks, normalisation, convolution."""

    def __init__(self, config: ConvConfig, level: int) -> None:
        width = config.widths[level]
        super().__init__(
            *_mid(width, config),
            group_norm(width, config.style),
            nn.SiLU(),
            nn.Conv2d(width, config.z, 3, padding=1),
        )


class ConvEncoder(nn.Module):
    """Images to latents, one a position of the coarsest level, in float32 even under autocast.

    Raises:
        ConfigError: from `forward`: a side that does not divide by `downsample`.
    """

    def __init__(self, config: ConvConfig) -> None:
        super().__init__()
        self.trunk = Trunk(config)
        self.head = Head(config, len(config.multipliers) - 1)
        self.quant_conv = nn.Conv2d(config.z, config.embedding, 1)
        if config.shortcut:
            silence(self.quant_conv)

    def forward(self, images: Float[Tensor, "b 3 H W"]) -> Float[Tensor, "b h w e"]:
        latents: Tensor = self.quant_conv(self.head(self.trunk(images)[-1])).float()
        return rearrange(latents, "b e h w -> b h w e")


class ConvDecoder(nn.Module):
    """Quantized latents to images, not clamped, in float32 even under autocast.

    Args:
        config: as the encoder's.
        positions: a module that adds what it knows of a position to the z channels; None: nothing.
    """

    def __init__(self, config: ConvConfig, positions: nn.Module | None = None) -> None:
        super().__init__()
        self.patch, self.memory_format = config.patch, config.memory_format
        last = config.widths[-1]
        self.post_quant_conv = nn.Conv2d(config.embedding, config.z, 1)
        self.positions = positions or nn.Identity()
        self.conv_in = nn.Conv2d(config.z, last, 3, padding=1)
        self.mid = _mid(last, config)
        levels: list[nn.Module] = []
        for level in reversed(range(len(config.widths))):
            before, width = (*config.widths, last)[level + 1], config.widths[level]
            levels.append(_level(before, width, config, level, config.num_res_blocks + 1))
            if level:
                levels.append(Up(width, config.resample_with_conv))
        self.levels = nn.Sequential(*levels)
        self.norm_out = group_norm(config.widths[0], config.style)
        self.conv_out = nn.Conv2d(config.widths[0], 3 * config.patch**2, 3, padding=1)
        if config.shortcut:
            silence(self.conv_out)

    def forward(self, quantized: Float[Tensor, "b h w e"]) -> Float[Tensor, "b 3 H W"]:
        channels = rearrange(quantized, "b h w e -> b e h w")
        hidden = self.post_quant_conv(channels.contiguous(memory_format=self.memory_format))
        hidden = self.mid(self.conv_in(self.positions(hidden)))
        hidden = self.conv_out(F.silu(self.norm_out(self.levels(hidden))))
        return (F.pixel_shuffle(hidden, self.patch).float() + 1) / 2
