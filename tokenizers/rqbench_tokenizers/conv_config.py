"""Widths and levels of the convolutional halves, and all that is chosen about them."""

from typing import Literal

import torch
from pydantic import Field, model_validator

from rqbench.api import Config, ConfigError

from .blocks import DownPadding, Style


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
