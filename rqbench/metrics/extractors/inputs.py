"""From prepared pictures to what a network sees."""

from collections.abc import Callable

import torch
from jaxtyping import Float, Shaped
from torch import Tensor

from ..feature_protocol import FeatureProtocol
from ..normalisers import normaliser
from ..resizers import TENSORFLOW, tensorflow_resize

Inputs = Callable[[Tensor], Tensor]


def network_inputs(protocol: FeatureProtocol) -> Inputs:
    """What is left to do on the network's device: the resizing of some protocols, and the scale."""
    normalise = normaliser(protocol.normalise)

    def inputs(pixels: Shaped[Tensor, "b 3 H W"]) -> Float[Tensor, "b 3 h w"]:
        pixels = pixels.float()
        if protocol.resize == TENSORFLOW:
            pixels = tensorflow_resize(pixels, protocol.side)
        return normalise(pixels).contiguous(memory_format=torch.channels_last)  # faster on a CPU

    return inputs
