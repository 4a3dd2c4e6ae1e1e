"""The convolutional encoder and decoder that all tokenizers here share.

Source: Esser et al. 2021, arXiv:2012.09841; with patch 1 the published networks, parameter for
parameter. Images are in [0, 1] outside and in [-1, 1] inside. A file letter: z is the channels
between the convolutional network and the 1x1 convolution that leads to the vectors.
"""

from einops import rearrange
from jaxtyping import Float
from torch import Tensor, nn
from torch.nn import functional as F

from .blocks import AttnBlock, Down, ResBlock, Up, group_norm
from .conv_config import ConvConfig
from .shortcut import silence


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
