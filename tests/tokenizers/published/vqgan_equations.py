"""The published quantizers of VQGAN as plain equations on a state dict."""

import torch
from torch import Tensor

from .conv_equations import State, convolve, nearest


def quantize(state: State, latents: Tensor) -> tuple[Tensor, Tensor]:
    """Codes b h w, and their vectors b h w e."""
    table = state["quantize.embedding.weight"]
    codes = nearest(latents, table)
    return codes, table[codes]


def losses(latents: Tensor, quantized: Tensor, beta: float = 0.25) -> tuple[Tensor, Tensor]:
    """The two terms as released: beta weighs the one that moves the codebook."""
    to_encoder = (quantized.detach() - latents).square().mean()
    return to_encoder, beta * (quantized - latents.detach()).square().mean()


def gumbel_quantize(state: State, latents: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """Codes without noise, their vectors, and the distance from equal use."""
    logits = convolve(state, "quantize.proj", latents.permute(0, 3, 1, 2))  # b k h w
    shares = torch.softmax(logits, dim=1)
    divergence = (shares * torch.log(shares * logits.shape[1] + 1e-10)).sum(dim=1).mean()
    codes = logits.argmax(dim=1)
    return codes, state["quantize.embed.weight"][codes], divergence
