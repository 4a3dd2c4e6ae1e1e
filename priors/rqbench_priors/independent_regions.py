"""Where the coarse-to-fine prior starts: regions that choose their grain independently.

Axes: g all grains but the last, v the r regions in raster order and END.
"""

import torch
from jaxtyping import Float
from torch import Tensor


def independent_regions(counts: Float[Tensor, " grains"], num_regions: int) -> Float[Tensor, "g v"]:
    """Position logits under which regions choose their grain independently, with these frequencies.

    With q the chance that a region which coarser grains left takes this grain, weights q (1 - q)^r
    of region r and (1 - q)^R of END give, among the legal ones, just that; for middle grains r is
    scaled by the share of regions that is left, which is right on average.
    """
    left = counts.flip(0).cumsum(0).flip(0)[:-1, None]
    chance = (counts[:-1, None] + 1) / (left + 2)
    passed = torch.arange(num_regions + 1, device=counts.device) * left / counts.sum()
    logits = passed * torch.log1p(-chance)
    logits[:, :-1] += chance.log()
    return logits
