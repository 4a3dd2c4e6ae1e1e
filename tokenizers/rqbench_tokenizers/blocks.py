"""The blocks of the VQGAN family, from which encoder and decoder are built.

Source: Esser et al. 2021, arXiv:2012.09841, and its published code: normalisation in groups with
eps 1e-6, swish, a padding before down-sampling at the right and the bottom only. A file letter: c
is channels.
"""

import math

import torch
from einops import rearrange
from jaxtyping import Float
from torch import Tensor, nn
from torch.nn import functional as F

MIN_CHANNELS_PER_GROUP = 4
"""What the narrowest published width (128 channels, 32 groups) has. With fewer, a narrow model
would normalise each channel by itself and lose the mean colour of an image."""


def group_norm(channels: int, groups: int) -> nn.GroupNorm:
    """Normalise in `groups` groups, or in the most that divide a narrower width.

    A width below 4 times `groups` gets proportionally fewer groups, so that each keeps 4 channels.
    """
    most = max(1, channels // MIN_CHANNELS_PER_GROUP)
    return nn.GroupNorm(math.gcd(groups, channels, most), channels, eps=1e-6)


class ResBlock(nn.Module):
    """Two 3x3 convolutions around a skip, which is a 1x1 convolution where the width changes.

    Args:
        channels_in, channels_out: widths.
        groups: of the normalisations.
        zero_init: start as the skip alone, by zeros in the last convolution. The published start
            is the framework's.
    """

    def __init__(self, channels_in: int, channels_out: int, groups: int, zero_init: bool) -> None:
        super().__init__()
        self.norm1 = group_norm(channels_in, groups)
        self.conv1 = nn.Conv2d(channels_in, channels_out, 3, padding=1)
        self.norm2 = group_norm(channels_out, groups)
        self.conv2 = nn.Conv2d(channels_out, channels_out, 3, padding=1)
        self.skip = (
            nn.Identity()
            if channels_in == channels_out
            else nn.Conv2d(channels_in, channels_out, 1)
        )
        if zero_init:
            nn.init.zeros_(self.conv2.weight)

    def forward(self, hidden: Float[Tensor, "b _ h w"]) -> Float[Tensor, "b _ h w"]:
        branch = self.conv1(F.silu(self.norm1(hidden)))
        branch = self.conv2(F.silu(self.norm2(branch)))
        result: Tensor = self.skip(hidden) + branch
        return result


class AttnBlock(nn.Module):
    """One head of attention among all positions, around a skip."""

    def __init__(self, channels: int, groups: int, zero_init: bool) -> None:
        super().__init__()
        self.norm = group_norm(channels, groups)
        self.qkv = nn.Conv2d(channels, 3 * channels, 1)  # the published q, k and v, stacked
        self.proj_out = nn.Conv2d(channels, channels, 1)
        if zero_init:
            nn.init.zeros_(self.proj_out.weight)

    def forward(self, hidden: Float[Tensor, "b c h w"]) -> Float[Tensor, "b c h w"]:
        height = hidden.shape[2]
        parts = rearrange(self.qkv(self.norm(hidden)), "b (qkv c) h w -> qkv b 1 (h w) c", qkv=3)
        mixed = F.scaled_dot_product_attention(parts[0], parts[1], parts[2])
        result: Tensor = hidden + self.proj_out(
            rearrange(mixed, "b 1 (h w) c -> b c h w", h=height).contiguous(
                memory_format=torch.channels_last
            )
        )
        return result


class Down(nn.Module):
    """Halve both sides: a strided 3x3 convolution that is padded at the right and the bottom."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.conv = nn.Conv2d(channels, channels, 3, stride=2)

    def forward(self, hidden: Float[Tensor, "b c _ _"]) -> Float[Tensor, "b c _ _"]:
        result: Tensor = self.conv(F.pad(hidden, (0, 1, 0, 1)))
        return result


class Up(nn.Module):
    """Double both sides: each position repeated, then a 3x3 convolution."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.conv = nn.Conv2d(channels, channels, 3, padding=1)

    def forward(self, hidden: Float[Tensor, "b c _ _"]) -> Float[Tensor, "b c _ _"]:
        result: Tensor = self.conv(F.interpolate(hidden, scale_factor=2.0, mode="nearest"))
        return result
