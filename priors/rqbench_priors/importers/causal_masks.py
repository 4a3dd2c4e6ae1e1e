"""Causal masks that published transformers store in each block."""

from collections.abc import Iterable
from functools import cache

import torch
from torch import Tensor

from rqbench.api import Tie, implied


def mask_ties(theirs: Iterable[str], size: int) -> list[Tie]:
    """Ties of masks of `size` places; written, all of them are one tensor."""

    @cache
    def mask() -> Tensor:
        return torch.ones(size, size).tril()[None, None]

    return [implied(key, mask, "a causal mask, which attention makes itself") for key in theirs]
