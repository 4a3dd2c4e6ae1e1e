"""One map from the features of several grains.

Source: Huang et al. 2023, arXiv:2305.11718, section 3.2. File letters: z is channels, r and c are
rows and columns of regions.
"""

import torch
from einops import repeat
from jaxtyping import Float, Int, Shaped
from torch import Tensor

from rqbench.api import CodeLayout, cell_grains


def merge(
    features: list[Float[Tensor, "b z _ _"]], grain_map: Int[Tensor, "b r c"], layout: CodeLayout
) -> Float[Tensor, "b z h w"]:
    """On the finest grid, the features of each region's grain; a coarser one fills its cells.

    Args:
        features: one map a grain, coarse to fine, each on its own grid.
        grain_map: which of them each region gets.
        layout: grids and grains.
    """
    grains = cell_grains(grain_map, layout)[:, None]
    merged = features[-1]
    for grain, size in enumerate(layout.grain_sizes[:-1]):
        merged = torch.where(grains == grain, enlarge(features[grain], size), merged)
    return merged


def enlarge(feature: Shaped[Tensor, "b z _ _"], size: int) -> Shaped[Tensor, "b z _ _"]:
    """Repeat each position in a square of `size` cells a side."""
    return repeat(feature, "b z h w -> b z (h i) (w j)", i=size, j=size)
