"""What a decoder learns of where each position lies, added to its input.

A coarse code says the same thing at all the cells that it fills; with positions the decoder can
still draw them differently.

Source: Huang et al. 2023, arXiv:2305.11718, and its published code. A file letter: z is channels.
"""

import math

import torch
from einops import rearrange
from jaxtyping import Float
from torch import Tensor, nn

from rqbench.api import ConfigError

from .dq_config import DQConfig


def decoder_positions(config: DQConfig) -> nn.Module | None:
    """What the decoder of these tokenizers adds; None where it is told no positions."""
    if config.positions == "none":
        return None
    modules: list[nn.Module] = [FourierPositions(config.conv.z)]
    if config.positions == "fourier+learned":
        side = config.layout(config.resolution, config.resolution).height
        modules.append(LearnedPositions(side, config.conv.z, config.position_std))
    return nn.Sequential(*modules)


class FourierPositions(nn.Module):
    """Sines of learned directions on the plane whose corners are (-1, -1) and (1, 1); any grid."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.conv = nn.Conv2d(2, channels, 1)
        bound = math.sqrt(9 / 2)
        nn.init.uniform_(self.conv.weight, -bound, bound)

    def forward(self, hidden: Float[Tensor, "b z h w"]) -> Float[Tensor, "b z h w"]:
        height, width = hidden.shape[2:]
        row = torch.linspace(-1, 1, height, device=hidden.device)
        column = torch.linspace(-1, 1, width, device=hidden.device)
        plane = torch.stack([column.expand(height, width), row[:, None].expand(height, width)])
        waves: Tensor = self.conv(plane[None].to(self.conv.weight.dtype)).sin()
        return hidden + waves


class LearnedPositions(nn.Module):
    """A vector for each row and one for each column of a square grid.

    Args:
        side: of the grid.
        channels: z.
        std: of the tables at the start; published with 1.

    Raises:
        ConfigError: from `forward`: another grid than the tables were made for.
    """

    def __init__(self, side: int, channels: int, std: float = 1.0) -> None:
        super().__init__()
        self.row_embed = nn.Parameter(torch.empty(side, channels))
        self.col_embed = nn.Parameter(torch.empty(side, channels))
        for table in (self.row_embed, self.col_embed):
            nn.init.trunc_normal_(table, std=std)

    def forward(self, hidden: Float[Tensor, "b z h w"]) -> Float[Tensor, "b z h w"]:
        side = len(self.row_embed)
        if tuple(hidden.shape[2:]) != (side, side):
            raise ConfigError(
                f"The decoder has learned positions for a grid of {side}x{side} and got "
                f"{hidden.shape[2]}x{hidden.shape[3]}. Use images of the side that the tokenizer's "
                "`resolution` names, or train one with another `resolution`."
            )
        rows = rearrange(self.row_embed, "h z -> z h 1")
        return hidden + (rows + rearrange(self.col_embed, "w z -> z 1 w"))
