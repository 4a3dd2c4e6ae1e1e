"""How much detail a patch of an image has: the entropy of its gray values.

Source: Huang et al. 2023, arXiv:2305.11718, and its published code, whose bins moved from [0, 1] to
[-1, 1] after its thresholds had been made; so the range is a choice here.
"""

from typing import Literal

import torch
from einops import rearrange
from jaxtyping import Float
from torch import Tensor

NUM_BINS = 32
KERNEL_WIDTH = 0.01
GRAY_WEIGHTS = (0.2989, 0.5870, 0.1140)

Bins = Literal["signed", "unit"]


def patch_entropy(
    images: Float[Tensor, "b 3 H W"], patch: int, bins: Bins = "signed"
) -> Float[Tensor, "b r c"]:
    """Entropy in nats, at most ln 32, of each square patch.

    Each gray value, on [-1, 1], counts in every one of 32 bins by a Gaussian of standard deviation
    0.01 around the bin's point. The points are further apart than that, so a flat patch has from 0
    to ln 2, as its gray meets a point or the middle between two. An empty bin adds nothing, and a
    patch that meets no bin has entropy 0.

    Args:
        images: in [0, 1].
        patch: side in pixels; divides the images' sides.
        bins: points evenly spaced on [-1, 1] ("signed") or on [0, 1] ("unit").
    """
    red, green, blue = (2 * images.float() - 1).unbind(dim=1)
    gray = GRAY_WEIGHTS[0] * red + GRAY_WEIGHTS[1] * green + GRAY_WEIGHTS[2] * blue
    patches = rearrange(gray, "b (r i) (c j) -> b r c (i j)", i=patch, j=patch)
    points = torch.linspace(-1.0 if bins == "signed" else 0.0, 1.0, NUM_BINS).tolist()
    masses = torch.stack(  # bin by bin: all at once would take 32 times the image's memory
        [((patches - point) / KERNEL_WIDTH).square().mul(-0.5).exp().mean(-1) for point in points],
        dim=-1,
    )
    total = masses.sum(dim=-1, keepdim=True)
    shares = masses / total.clamp(min=torch.finfo(total.dtype).tiny)
    entropies: Tensor = torch.special.entr(shares).sum(dim=-1)
    return entropies
