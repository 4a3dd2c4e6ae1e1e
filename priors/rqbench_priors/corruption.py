"""Training on inputs some of whose codes are wrong, as a prior's own samples will be."""

import torch
from jaxtyping import Int
from torch import Tensor


def corrupt(
    symbols: Int[Tensor, "*n"], keep_probability: float, codebook_size: int, first: int = 0
) -> Int[Tensor, "*n"]:
    """Replace each code but a share by a random one; -1 stays. Draws from the global generator,
    which the trainer seeds for each step.

    Args:
        first: along the last axis, where codes begin; what comes before stays (a map).

    Source: `pkeep` in the released code of Esser et al. 2021, arXiv:2012.09841.
    """
    codes = symbols[..., first:]
    replaced = torch.rand(codes.shape, device=codes.device) >= keep_probability
    changed = torch.where(replaced & (codes >= 0), torch.randint_like(codes, codebook_size), codes)
    return torch.cat([symbols[..., :first], changed], dim=-1)
