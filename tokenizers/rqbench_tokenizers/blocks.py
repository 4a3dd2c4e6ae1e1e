"""The blocks of the VQGAN family, from which encoder and decoder are built.

Source: Esser et al. 2021, arXiv:2012.09841, and its published code: normalisation in groups with
eps 1e-6, swish, a padding before down-sampling at the right and the bottom only. A file letter: c
is channels.
"""

import math
from dataclasses import dataclass
from typing import Literal

import torch
from einops import rearrange
from jaxtyping import Float
from torch import Tensor, nn
from torch.nn import functional as F

MIN_CHANNELS_PER_GROUP = 4
"""What the narrowest published width (128 channels, 32 groups) has. With fewer, a narrow model
would normalise each channel by itself and lose the mean colour of an image."""


DownPadding = Literal["end", "both"]


@dataclass(frozen=True)
class Style:
    """What all blocks of a network have in common.

    Attributes:
        groups: of the normalisations.
        exact_groups: always that many, instead of fewer where the width is small.
        eps: of the normalisations.
        dropout: before the second convolution of a residual block.
        zero_init: residual branches start at zero, by zeros in their last convolution. The
            published start is the framework's.
    """

    groups: int = 32
    exact_groups: bool = False
    eps: float = 1e-6
    dropout: float = 0.0
    zero_init: bool = False


def group_norm(channels: int, style: Style) -> nn.GroupNorm:
    """Normalise in the style's groups, or in the most that divide a narrower width.

    Unless groups are exact, a width below 4 times as many gets proportionally fewer, so that each
    keeps 4 channels.
    """
    most = max(1, channels // MIN_CHANNELS_PER_GROUP)
    groups = style.groups if style.exact_groups else math.gcd(style.groups, channels, most)
    return nn.GroupNorm(groups, channels, eps=style.eps)


class ResBlock(nn.Module):
    """Two 3x3 convolutions around a skip, which is a 1x1 convolution where the width changes."""

    def __init__(self, channels_in: int, channels_out: int, style: Style) -> None:
        super().__init__()
        self.norm1 = group_norm(channels_in, style)
        self.conv1 = nn.Conv2d(channels_in, channels_out, 3, padding=1)
        self.norm2 = group_norm(channels_out, style)
        self.dropout = style.dropout
        self.conv2 = nn.Conv2d(channels_out, channels_out, 3, padding=1)
        self.skip = (
            nn.Identity()
            if channels_in == channels_out
            else nn.Conv2d(channels_in, channels_out, 1)
        )
        if style.zero_init:
            nn.init.zeros_(self.conv2.weight)

    def forward(self, hidden: Float[Tensor, "b _ h w"]) -> Float[Tensor, "b _ h w"]:
        branch = self.conv1(F.silu(self.norm1(hidden)))
        branch = F.dropout(F.silu(self.norm2(branch)), self.dropout, self.training)
        branch = self.conv2(branch)
        result: Tensor = self.skip(hidden) + branch
        return result


class AttnBlock(nn.Module):
    """One head of attention among all positions, around a skip."""

    def __init__(self, channels: int, style: Style) -> None:
        super().__init__()
        self.norm = group_norm(channels, style)
        self.qkv = nn.Conv2d(channels, 3 * channels, 1)  # the published q, k and v, stacked
        self.proj_out = nn.Conv2d(channels, channels, 1)
        if style.zero_init:
            nn.init.zeros_(self.proj_out.weight)

    def forward(self, hidden: Float[Tensor, "b c h w"]) -> Float[Tensor, "b c h w"]:
        height = hidden.shape[2]
        parts = rearrange(self.qkv(self.norm(hidden)), "b (qkv c) h w -> qkv b 1 (h w) c", qkv=3)
        mixed = F.scaled_dot_product_attention(parts[0], parts[1], parts[2])
        last = hidden.is_contiguous(memory_format=torch.channels_last)
        result: Tensor = hidden + self.proj_out(
            rearrange(mixed, "b 1 (h w) c -> b c h w", h=height).contiguous(
                memory_format=torch.channels_last if last else torch.contiguous_format
            )
        )
        return result


class Down(nn.Module):
    """Halve both sides: a strided 3x3 convolution, padded at the right and the bottom as published,
    or at all sides; without convolution the mean of each 2x2 square."""

    def __init__(self, channels: int, padding: DownPadding = "end", with_conv: bool = True) -> None:
        super().__init__()
        self.padding = (0, 1, 0, 1) if padding == "end" else (1, 1, 1, 1)
        self.conv = nn.Conv2d(channels, channels, 3, stride=2) if with_conv else None

    def forward(self, hidden: Float[Tensor, "b c _ _"]) -> Float[Tensor, "b c _ _"]:
        if self.conv is None:
            return F.avg_pool2d(hidden, 2)
        result: Tensor = self.conv(F.pad(hidden, self.padding))
        return result


class Up(nn.Module):
    """Double both sides: each position repeated, then a 3x3 convolution unless there is none."""

    def __init__(self, channels: int, with_conv: bool = True) -> None:
        super().__init__()
        self.conv = nn.Conv2d(channels, channels, 3, padding=1) if with_conv else nn.Identity()

    def forward(self, hidden: Float[Tensor, "b c _ _"]) -> Float[Tensor, "b c _ _"]:
        result: Tensor = self.conv(F.interpolate(hidden, scale_factor=2.0, mode="nearest"))
        return result
