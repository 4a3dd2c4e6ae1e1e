"""The loss on targets that are distributions over codes (Lee et al. 2022, arXiv:2203.01941)."""

import torch
import torch.nn.functional as F
from jaxtyping import Float
from torch import Tensor


def soft_cross_entropy(
    logits: Float[Tensor, "*n k"], targets: Float[Tensor, "*n k"]
) -> Float[Tensor, ""]:
    """Mean over all codes of minus sum_k p_k log q_k in nats, in single precision at least.

    The released code adds 1e-7 inside the logarithm; here the log is that of the softmax itself.
    """
    precise = logits if logits.dtype == torch.float64 else logits.float()
    return F.cross_entropy(precise.flatten(0, -2), targets.to(precise.dtype).flatten(0, -2))
