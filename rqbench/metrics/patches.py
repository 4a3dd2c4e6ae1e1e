"""What is in each square patch of a picture: its bits, its detail, its error.

Axes: r rows and c columns of patches.
"""

import math
from collections.abc import Iterable

import torch
from einops import rearrange, reduce
from jaxtyping import Float, UInt8
from torch import Tensor

from rqbench.layout import CodeLayout

GRAY_WEIGHTS = (0.299, 0.587, 0.114)  # ITU-R BT.601
NUM_BINS = 32


def common_patch_px(layouts: Iterable[CodeLayout], resolution: int) -> int:
    """Side of the smallest patch made of whole regions of every one of the layouts."""
    grids = [side for layout in layouts for side in layout.region_grid]
    return math.lcm(*(resolution // math.gcd(resolution, side) for side in grids))


def patch_sums(
    cells: Float[Tensor, "b h w"], rows: int, columns: int
) -> Float[Tensor, "b {rows} {columns}"]:
    """Sums over the cells of each patch; `rows` divides h and `columns` divides w."""
    return reduce(cells, "b (r i) (c j) -> b r c", "sum", r=rows, c=columns)


def patch_entropy_bits(images: UInt8[Tensor, "b 3 H W"], patch_px: int) -> Float[Tensor, "b r c"]:
    """Entropy of the gray levels in each patch, by a histogram of 32 equal bins.

    A patch of one gray has 0 bits, one that fills all bins equally 5. Hard bins, so that it is not
    the very number by which a tokenizer may have chosen its grains.
    """
    weights = torch.tensor(GRAY_WEIGHTS, device=images.device)[:, None, None]
    gray = (images * weights).sum(dim=1).round()
    bins = (gray * NUM_BINS / 256).long()
    patches = rearrange(bins, "b (r i) (c j) -> b r c (i j)", i=patch_px, j=patch_px)
    counts = patches.new_zeros(*patches.shape[:3], NUM_BINS)
    counts.scatter_add_(-1, patches, torch.ones_like(patches))
    entropies: Tensor = torch.special.entr(counts.double() / patch_px**2).sum(dim=-1)
    return entropies / math.log(2)


def patch_error(
    images: UInt8[Tensor, "b 3 H W"], reconstructions: UInt8[Tensor, "b 3 H W"], patch_px: int
) -> Float[Tensor, "b r c"]:
    """Mean squared error of each patch, over its pixels and channels in [0, 1]."""
    errors = ((images.double() - reconstructions.double()) / 255).square()
    return reduce(errors, "b k (r i) (c j) -> b r c", "mean", i=patch_px, j=patch_px)
