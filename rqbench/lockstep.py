"""Choosing the symbols of a batch in which every image draws its n-th symbol at the same step, and
every symbol is legal: codes of fixed length.

The same function of logits and uniforms as `choose_by_uniform`, within rounding: probabilities are
in single precision, their running sum in double. So a symbol may differ only where its u times the
total lies within about 1e-6 of the total from an edge between two symbols. Ties with the k-th logit
are kept, as there.
"""

from collections.abc import Callable

import torch
from jaxtyping import Float, Int
from torch import Tensor

from .choice import Filter, Sampling, choose_by_uniform
from .guidance import guide
from .uniforms import uniforms

BLOCK = 128  # probabilities that are summed before any of them is looked at
NUM_BLOCKED = 2**16  # in a batch, from which that pays


ChooseAll = Callable[[Tensor, int, int], Tensor]
"""(logits Float[n v], ordinal, depth) -> all images' codes at one place, Int[n]."""


class Lockstep:
    """Choices by uniforms that are all made beforehand.

    With guidance the second half of the rows are the twins of the first half, without the
    condition, and get the same symbols.
    """

    def __init__(self, sampling: Sampling, drawn: Float[Tensor, "n b"]) -> None:
        self.sampling, self.uniforms = sampling, drawn.unbind()

    def __call__(self, logits: Float[Tensor, "n v"], ordinal: int, depth: int) -> Int[Tensor, " n"]:
        narrowing, u = self.sampling.at("content", depth), self.uniforms[ordinal]
        if self.sampling.guidance == 1:
            return choose_content(logits, u, narrowing)
        own, twin = logits.float().chunk(2)
        return choose_content(guide(own, twin, self.sampling.guidance), u, narrowing).repeat(2)


def all_uniforms(
    seed: int, images: Int[Tensor, " b"], num_symbols: int
) -> Float[Tensor, "{num_symbols} b"]:
    """Those of (seed, image, ordinal), a row for each ordinal."""
    ordinals = torch.arange(num_symbols, device=images.device)
    grid = torch.meshgrid(ordinals, images, indexing="ij")
    return uniforms(seed, grid[1].flatten(), grid[0].flatten()).view(num_symbols, len(images))


def choose_content(
    logits: Float[Tensor, "n v"], u: Float[Tensor, " n"], narrowing: Filter
) -> Int[Tensor, " n"]:
    """The symbol that u in [0, 1) picks from each row; all are legal."""
    if narrowing.top_p < 1:  # the sort costs more than all that could be saved beside it
        legal = torch.ones((), dtype=torch.bool, device=logits.device).expand(logits.shape)
        return choose_by_uniform(logits, legal, u, narrowing)
    weights = logits.float()
    if narrowing.temperature != 1:
        weights = weights / narrowing.temperature
    if narrowing.top_k is not None and narrowing.top_k < weights.shape[1]:
        kept = weights.topk(narrowing.top_k, dim=1, sorted=False).values
        weights = weights.masked_fill(weights < kept.amin(dim=1, keepdim=True), -torch.inf)
    return invert(weights.softmax(dim=1), u)


def invert(probabilities: Float[Tensor, "n v"], u: Float[Tensor, " n"]) -> Int[Tensor, " n"]:
    """The first index at which the running sum exceeds u times the total. There is one: u has 53
    bits and is less than 1, so that its share is less than the total, rounded too.

    Large batches first find the block in which it does, so that only sums of blocks and one block
    a row are summed up.
    """
    if probabilities.shape[1] % BLOCK or probabilities.numel() < NUM_BLOCKED:
        cumulative = probabilities.cumsum(dim=1, dtype=torch.float64)
        return torch.searchsorted(cumulative, u[:, None] * cumulative[:, -1:], right=True)[:, 0]
    blocks = probabilities.reshape(len(probabilities), -1, BLOCK)
    sums = blocks.sum(dim=2)
    cumulative = sums.cumsum(dim=1, dtype=torch.float64)
    target = u[:, None] * cumulative[:, -1:]
    block = torch.searchsorted(cumulative, target, right=True)
    before = cumulative.gather(1, block) - sums.gather(1, block)
    inside = blocks.gather(1, block[..., None].expand(-1, -1, BLOCK))[:, 0]
    within = inside.cumsum(dim=1, dtype=torch.float64)
    return (block * BLOCK + _first_above(within, (target - before).clamp_(min=0)))[:, 0]


def _first_above(
    cumulative: Float[Tensor, "n v"], target: Float[Tensor, "n 1"]
) -> Int[Tensor, "n 1"]:
    """The first index whose value exceeds the target, which rounding may have put at the end."""
    total = cumulative[:, -1:]
    below = total.nextafter(torch.zeros_like(total))
    return torch.searchsorted(cumulative, torch.minimum(target, below), right=True)
