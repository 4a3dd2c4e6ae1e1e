"""Classifier-free guidance: draw from logits that a condition has moved, and move them further.

Ho & Salimans 2022 (arXiv:2207.12598), for symbols: their w is our guidance minus 1.
"""

import torch
from jaxtyping import Float
from torch import Tensor

from .step import Choose, Step


def guide(
    conditional: Float[Tensor, "n v"], unconditional: Float[Tensor, "n v"], guidance: float
) -> Float[Tensor, "n v"]:
    """u + guidance (c - u): the unconditional logits at 0, the conditional ones at 1, past them
    above."""
    return unconditional + guidance * (conditional - unconditional)


def choose_guided(choose: Choose, guidance: float) -> Choose:
    """A choice for a batch of 2n images, whose second half are the twins of the first n without
    their condition.

    `choose` sees the guided logits of the first half and its image indices; twins get the same
    symbols. So their sequences are equal, both ask for the same symbol at the same step, and rows
    leave in pairs where images end.
    """

    def choose_for_both(logits: Tensor, step: Step) -> Tensor:
        # indices of twins are n apart: in ascending order the images come first, then their twins
        own, twin = step.image.argsort().chunk(2)
        chosen = choose(guide(logits[own].float(), logits[twin].float(), guidance), step.of(own))
        symbols = torch.empty_like(step.image)
        symbols[own], symbols[twin] = chosen, chosen
        return symbols

    return choose_for_both
