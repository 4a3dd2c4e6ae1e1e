"""The learned router: which grain each region should get, and the loss that keeps to a budget.

Source: Huang et al. 2023, arXiv:2305.11718, section 3.2, and its published code. File letters: r
and c are rows and columns of regions, g is grains, coarse to fine, z is channels.
"""

from collections.abc import Sequence
from typing import Literal

import torch
from einops import rearrange
from jaxtyping import Float
from torch import Tensor, nn
from torch.nn import functional as F

from .blocks import Style, group_norm

Gate = Literal["silu", "relu", "linear"]


class FeatureRouter(nn.Module):
    """A small network on each region's features of all grains.

    Args:
        channels: z.
        num_grains: g.
        style: how the features are normalised; None: not at all.
        gate: the activation between two layers, or one layer alone.
    """

    def __init__(
        self, channels: int, num_grains: int, style: Style | None, gate: Gate = "silu"
    ) -> None:
        super().__init__()
        self.norms = nn.ModuleList(
            nn.Identity() if style is None else group_norm(channels, style)
            for _ in range(num_grains)
        )
        width = channels * num_grains
        hidden: list[nn.Module] = []
        if gate != "linear":
            hidden = [nn.Linear(width, width), nn.SiLU() if gate == "silu" else nn.ReLU()]
        self.gate = nn.Sequential(*hidden, nn.Linear(width, num_grains))

    def forward(self, features: list[Float[Tensor, "b z _ _"]]) -> Float[Tensor, "b r c g"]:
        """Logits of the grains, in float32. Features are coarse to fine; the first has the grid of
        the regions."""
        regions = features[0].shape[2:]
        pooled = [
            F.adaptive_avg_pool2d(norm(feature), (regions[0], regions[1]))
            for norm, feature in zip(self.norms, features, strict=True)
        ]
        logits: Tensor = self.gate(rearrange(torch.cat(pooled, dim=1), "b z r c -> b r c z"))
        return logits.float()


def budget_loss(
    gate: Float[Tensor, "b r c g"], target_ratios: Sequence[float], weights: Sequence[float]
) -> Float[Tensor, ""]:
    """Squared distance between the batch's share of each finer grain and its target, weighed and
    summed.

    The shares are those of the whole batch: one image may be finer than another. The published code
    counts codes instead and divides by the most there could be, which for whole regions is the same
    share, for any number of grains.
    """
    shares = gate.mean(dim=(0, 1, 2))[1:]
    over = shares - shares.new_tensor(target_ratios)
    return (shares.new_tensor(weights) * over.square()).sum()
