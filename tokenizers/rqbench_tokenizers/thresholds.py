"""From scores to grains: thresholds that give a wanted share of fine regions.

Each region has a score, larger where finer grains pay more, and gets grain 0, the coarsest,
and one more for each threshold that its score exceeds. The decision is one of the region alone.
"""

from collections.abc import Sequence

import torch
from jaxtyping import Float, Int
from torch import Tensor


def route(scores: Float[Tensor, "b r c"], thresholds: Float[Tensor, " t"]) -> Int[Tensor, "b r c"]:
    """The grain of each region, 0 to t; a score that equals a threshold stays coarser."""
    return (scores[..., None] > thresholds).sum(dim=-1)


def threshold_for(scores: Float[Tensor, " n"], ratio: float) -> Float[Tensor, ""]:
    """The threshold that a share of these scores as near as possible to `ratio` exceeds.

    It lies midway between two scores that differ, or below or at them all. Equal scores cannot be
    parted: where many tie, the realised share may be off by up to half of the largest tie.
    """
    values, counts = torch.unique(scores, return_counts=True)  # ascending
    below_all = values[:1] - 1
    between = (values[:-1] + values[1:]) / 2
    cuts = torch.cat([below_all, between, values[-1:]])
    exceeding = len(scores) - torch.cat([counts.new_zeros(1), counts.cumsum(0)])
    return cuts[(exceeding / len(scores) - ratio).abs().argmin()]


def thresholds_for(scores: Float[Tensor, " n"], ratios: Sequence[float]) -> Float[Tensor, " t"]:
    """Ascending thresholds that give the grains 1, 2, ... these shares of the regions, and grain 0
    the rest."""
    shares = [sum(ratios[grain:]) for grain in range(len(ratios))]
    return torch.stack([threshold_for(scores, share) for share in shares])
