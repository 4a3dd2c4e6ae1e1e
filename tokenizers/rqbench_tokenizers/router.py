"""The learned router: which grain each region should get, and the loss that keeps to a budget.

Source: Huang et al. 2023, arXiv:2305.11718, section 3.2, and its published code. File letters: r
and c are rows and columns of regions, g is grains, coarse to fine, z is channels.
"""

from collections.abc import Sequence

import torch
from einops import rearrange
from jaxtyping import Float
from torch import Tensor, nn
from torch.nn import functional as F

from .blocks import group_norm


class FeatureRouter(nn.Module):
    """A small network on each region's features of all grains."""

    def __init__(self, channels: int, num_grains: int, groups: int) -> None:
        super().__init__()
        self.norms = nn.ModuleList(group_norm(channels, groups) for _ in range(num_grains))
        width = channels * num_grains
        self.gate = nn.Sequential(nn.Linear(width, width), nn.SiLU(), nn.Linear(width, num_grains))

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


def fineness(logits: Float[Tensor, "b r c g"]) -> Float[Tensor, "b r c"]:
    """One score a region, larger where finer grains are preferred.

    Of two grains the margin, fine minus coarse, in nats; of more the mean grain under the softmax,
    from 0 to g - 1 (ours; the paper decides three grains by the largest logit).
    """
    if logits.shape[-1] == 2:
        return logits[..., 1] - logits[..., 0]
    grains = torch.arange(logits.shape[-1], device=logits.device, dtype=logits.dtype)
    return (logits.softmax(dim=-1) * grains).sum(dim=-1)


def undecided(num_grains: int) -> Float[Tensor, " t"]:
    """Thresholds of `fineness` before anything is calibrated: the preferred grain wins."""
    return torch.zeros(1) if num_grains == 2 else torch.arange(num_grains - 1) + 0.5


def budget_loss(
    gate: Float[Tensor, "b r c g"], target_ratios: Sequence[float]
) -> Float[Tensor, ""]:
    """Squared distance between the batch's share of each finer grain and its target, summed.

    The shares are those of the whole batch: one image may be finer than another. The published loss
    of two grains is 20 times this.
    """
    shares = gate.mean(dim=(0, 1, 2))[1:]
    return (shares - shares.new_tensor(target_ratios)).square().sum()
