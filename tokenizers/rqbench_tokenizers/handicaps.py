"""From the learned router's preferences to grains: handicaps that give the shares wanted.

Trained by samples of its softmax, the router's samples keep to the budget while its largest logits
need not: where all regions prefer the coarse grain a little, the largest logit is coarse
everywhere. A handicap on each finer grain mends that and keeps the regions' own differences.

File letters: r and c are rows and columns of regions, g is grains, coarse to fine; t is those but
the coarsest.
"""

from collections.abc import Sequence

import torch
from jaxtyping import Float, Int
from torch import Tensor
from torch.nn import functional as F

from .thresholds import threshold_for

MAX_ROUNDS = 500


def margins(logits: Float[Tensor, "*n g"]) -> Float[Tensor, "*n t"]:
    """How much each finer grain is preferred to the coarsest, in nats."""
    return logits[..., 1:] - logits[..., :1]


def prefer(margins: Float[Tensor, "*n t"], handicaps: Float[Tensor, " t"]) -> Int[Tensor, "*n"]:
    """The grain with the largest logit once handicaps are taken off; ties go to the coarser one.

    Without handicaps this is the published decision.
    """
    return F.pad(margins - handicaps, (1, 0)).argmax(dim=-1)


def handicaps_for(margins: Float[Tensor, "n t"], ratios: Sequence[float]) -> Float[Tensor, " t"]:
    """Handicaps under which these shares of the regions prefer the grains 1, 2, ...

    Grain by grain, each handicap is set so that its own share is right, until none changes. Of all
    ways to give the grains these shares, the result has the largest sum of logits; where margins
    tie, shares are off by up to half of the largest tie.
    """
    handicaps = margins.new_zeros(len(ratios))
    for _ in range(MAX_ROUNDS):
        before = handicaps.clone()
        for grain, ratio in enumerate(ratios):
            others = F.pad(margins - handicaps, (1, 0))
            others[:, grain + 1] = -torch.inf
            lead = margins[:, grain] - others.amax(dim=1)
            handicaps[grain] = threshold_for(lead, ratio)
        if torch.equal(handicaps, before):
            break
    return handicaps
