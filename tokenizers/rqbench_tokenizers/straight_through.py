"""The gradient of a choice that has none."""

from jaxtyping import Float
from torch import Tensor


def straight_through(
    latents: Float[Tensor, "*shape"], quantized: Float[Tensor, "*shape"]
) -> Float[Tensor, "*shape"]:
    """Exactly the value of `quantized`, with the gradient of `latents`.

    Source: van den Oord et al. 2017, arXiv:1711.00937, section 3.2. Written with the difference
    that is zero, so that the decoder trains on the very bits that it will decode.
    """
    return quantized.detach() + (latents - latents.detach())
