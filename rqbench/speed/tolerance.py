"""How far logits may be off that were computed in some dtype."""

import torch
from jaxtyping import Float
from torch import Tensor

from .tf32 import tf32_is_on

TOLERANCES = {torch.float32: 1e-3, torch.float16: 1e-2, torch.bfloat16: 5e-2}
"""Of a logit, as a share of the largest one."""

TF32_TOLERANCE = 1e-2
"""Of float32 on a GPU whose products may round to 10 bits, as those of float16."""

SMALLEST = 0.01
"""Logits that are all smaller are taken to be as large."""


def tolerance_of(dtype: torch.dtype, logits: Float[Tensor, "n v"]) -> float:
    """How far logits of this size may be off that were computed in this dtype."""
    relative = relative_tolerance(dtype, tf32_is_on(logits.device.type))
    return relative * max(SMALLEST, float(logits.abs().max()))


def relative_tolerance(dtype: torch.dtype, tf32: bool) -> float:
    """The share of the largest logit by which logits of this dtype may be off."""
    return TF32_TOLERANCE if tf32 and dtype == torch.float32 else TOLERANCES[dtype]
