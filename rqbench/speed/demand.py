"""Which symbols a row of logits and a uniform number allow, when logits are known to a tolerance.

If every logit may be off by d, the probability of any set of symbols with probability p may be off
by at most 2 d p (1 - p), and so by d / 2: that is how far a uniform number may lie from the
interval of the symbol that was drawn. A filter adds the probability of the symbols that a top-k or
a top-p keeps or drops within that tolerance.

Axes: n rows, v vocabulary.
"""

from dataclasses import dataclass

import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor

from ..choice import Filter


@dataclass(frozen=True)
class Demand:
    """What became of the symbols of one step.

    Attributes:
        differing: symbols that exact logits would not have given.
        unexplained: those of them that no logits within the tolerance would have given.
        surprise: minus the log-probability of each symbol less its expectation; 0 of a symbol that
            exact logits would have dropped.
        variance: of each surprise, under exact logits.
    """

    differing: Bool[Tensor, " n"]
    unexplained: Bool[Tensor, " n"]
    surprise: Float[Tensor, " n"]
    variance: Float[Tensor, " n"]


def judge(
    logits: Float[Tensor, "n v"],
    legal: Bool[Tensor, "n v"],
    u: Float[Tensor, " n"],
    narrowing: Filter,
    symbols: Int[Tensor, " n"],
    tolerance: float,
) -> Demand:
    """Compare symbols that were drawn with those that the uniform numbers ask for.

    Written apart from `choose_by_uniform`, which it checks.
    """
    slack = tolerance / narrowing.temperature
    weights = logits.float().masked_fill(~legal, -torch.inf) / narrowing.temperature
    kept, near = _top_k(weights, narrowing, slack)
    weights = weights.double()
    kept, near = _top_p(weights, kept, near, narrowing, slack)
    everything = weights.masked_fill(~(kept | near), -torch.inf).softmax(dim=-1)
    chances = weights.masked_fill(~kept, -torch.inf).softmax(dim=-1)
    upper = chances.cumsum(dim=-1)
    at = symbols[:, None]
    total, high = upper[:, -1], upper.gather(1, at)[:, 0]
    chance = chances.gather(1, at)[:, 0]
    target = u * total
    outside = torch.maximum(high - chance - target, target - high).clamp(min=0)
    differing = (chance == 0) | (target >= high) | (target < high - chance)
    allowed = slack / 2 + (everything * near).sum(dim=-1)
    possible = (kept | near).gather(1, at)[:, 0]
    nats = -chances.clamp(min=torch.finfo(chances.dtype).tiny).log()
    expected = (chances * nats).sum(dim=-1)
    surprise = nats.gather(1, at)[:, 0] - expected
    return Demand(
        differing,
        differing & ~((outside <= allowed) & possible),
        torch.where(chance > 0, surprise, 0.0),
        (chances * nats.square()).sum(dim=-1) - expected.square(),
    )


def chance_to_differ(
    logits: Float[Tensor, "n v"],
    others: Float[Tensor, "n v"],
    legal: Bool[Tensor, "n v"],
    narrowing: Filter,
) -> Float[Tensor, " n"]:
    """The probability that one uniform number demands different symbols of two rows of logits: the
    share of [0, 1) in which the intervals of no symbol overlap."""
    one, other = (_chances(rows, legal, narrowing) for rows in (logits, others))
    upper, other_upper = one.cumsum(dim=-1), other.cumsum(dim=-1)
    ends = torch.minimum(upper, other_upper)
    starts = torch.maximum(upper - one, other_upper - other)
    return (1 - (ends - starts).clamp(min=0).sum(dim=-1)).clamp(min=0)


def _chances(
    logits: Float[Tensor, "n v"], legal: Bool[Tensor, "n v"], narrowing: Filter
) -> Float[Tensor, "n v"]:
    """The probability of each symbol under exact logits."""
    weights = logits.float().masked_fill(~legal, -torch.inf) / narrowing.temperature
    kept, near = _top_k(weights, narrowing, 0.0)
    weights = weights.double()
    kept, _ = _top_p(weights, kept, near, narrowing, 0.0)
    return weights.masked_fill(~kept, -torch.inf).softmax(dim=-1)


def _top_k(
    weights: Float[Tensor, "n v"], narrowing: Filter, slack: float
) -> tuple[Bool[Tensor, "n v"], Bool[Tensor, "n v"]]:
    """What stays, and what lies so near to the last that stays that it may or may not."""
    possible = weights > -torch.inf
    if narrowing.top_k is None or narrowing.top_k >= weights.shape[-1]:
        return possible, torch.zeros_like(possible)
    last = weights.sort(dim=-1, descending=True).values[:, narrowing.top_k - 1, None]
    kept, close = possible & (weights >= last), possible & ((weights - last).abs() <= 2 * slack)
    is_open = (close & ~kept).any(dim=-1, keepdim=True)  # else the last is near to itself alone
    return kept, close & is_open


def _top_p(
    weights: Float[Tensor, "n v"],
    kept: Bool[Tensor, "n v"],
    near: Bool[Tensor, "n v"],
    narrowing: Filter,
    slack: float,
) -> tuple[Bool[Tensor, "n v"], Bool[Tensor, "n v"]]:
    """The same for a nucleus of what is left."""
    unused = narrowing.nucleus == "exceed" and narrowing.top_k is None
    if narrowing.top_p >= 1 or unused:
        return kept, near
    chances = weights.masked_fill(~kept, -torch.inf).softmax(dim=-1)
    falling, order = chances.sort(dim=-1, descending=True, stable=True)
    before = torch.empty_like(chances).scatter(-1, order, falling.cumsum(dim=-1) - falling)
    inside = (
        before < narrowing.top_p if narrowing.nucleus == "reach" else (before <= narrowing.top_p)
    )
    at_edge = kept & ((before - narrowing.top_p).abs() <= slack / 2)
    return kept & inside, (near | at_edge) & (inside | at_edge)
