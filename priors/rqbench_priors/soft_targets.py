"""The loss on targets that are distributions over codes (Lee et al. 2022, arXiv:2203.01941)."""

import torch
import torch.nn.functional as F
from jaxtyping import Float
from torch import Tensor


def soft_cross_entropy(
    logits: Float[Tensor, "*n k"], targets: Float[Tensor, "*n k"], epsilon: float = 0.0
) -> Float[Tensor, ""]:
    """Mean over all codes of minus sum_k p_k log(q_k + epsilon) in nats, in single precision at
    least.

    Args:
        epsilon: 1e-7 in the released code; with 0 the log is that of the softmax itself.
    """
    precise = logits if logits.dtype == torch.float64 else logits.float()
    if epsilon:
        logs = (precise.softmax(dim=-1) + epsilon).log()
        return -(targets.to(precise.dtype) * logs).sum(dim=-1).mean()
    return F.cross_entropy(precise.flatten(0, -2), targets.to(precise.dtype).flatten(0, -2))
