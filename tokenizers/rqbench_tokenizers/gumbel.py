"""Codes that a linear classifier chooses, instead of a search for the nearest vector.

Source: the published f8 variant of Esser et al. 2021, arXiv:2012.09841; Jang et al. 2017,
arXiv:1611.01144, for its gradient.
"""

import torch
from jaxtyping import Float, Int
from torch import Tensor, nn
from torch.nn import functional as F

from .nearest import full_precision

SMALLEST_SHARE = 1e-10


class GumbelCodebook(nn.Module):
    """A codebook and the classifier that chooses from it; both learn by gradient."""

    def __init__(self, size: int, width: int) -> None:
        super().__init__()
        self.proj = nn.Linear(width, size)  # the published 1x1 convolution
        self.vectors = nn.Parameter(torch.randn(size, width))

    def logits(self, latents: Float[Tensor, "b h w e"]) -> Float[Tensor, "b h w k"]:
        """In float32 even under autocast, lest near ties pick another code."""
        with full_precision(latents):
            logits: Tensor = self.proj(latents)
        return logits

    def likeliest(self, latents: Float[Tensor, "b h w e"]) -> Int[Tensor, "b h w 1"]:
        """The codes of the largest logits. The published model draws even when it encodes."""
        return self.logits(latents).argmax(dim=-1, keepdim=True)

    def forward(
        self, latents: Float[Tensor, "b h w e"], temperature: float
    ) -> tuple[Int[Tensor, "b h w 1"], Float[Tensor, "b h w e"], Float[Tensor, ""]]:
        """Codes, their vectors with a gradient to all logits, and how far the classifier is from
        using all codes equally, in nats. Codes are drawn while training, else the likeliest."""
        logits = self.logits(latents)
        if self.training:
            choice = F.gumbel_softmax(logits, temperature, hard=True)
        else:
            choice = F.one_hot(logits.argmax(dim=-1), logits.shape[-1]).to(logits)
        shares = logits.softmax(dim=-1)
        surplus = (shares * len(self.vectors) + SMALLEST_SHARE).log()
        divergence = (shares * surplus).sum(dim=-1).mean()
        return choice.argmax(dim=-1, keepdim=True), choice @ self.vectors, divergence
