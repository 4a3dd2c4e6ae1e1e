"""Floats in [0, 1] to what a file, or a network, holds."""

import torch
from jaxtyping import Float, Shaped
from torch import Tensor

from .feature_protocol import Pixels


def to_pixels(images: Float[Tensor, "b 3 H W"], rule: Pixels) -> Shaped[Tensor, "b 3 H W"]:
    """Clamped, then 0 to 255: rounded to 8 bits, cut down to 8 bits, or left as floats."""
    scaled = images.clamp(0, 1) * 255
    if rule == "float":
        return scaled
    return (scaled.round() if rule == "round" else scaled).to(torch.uint8)
