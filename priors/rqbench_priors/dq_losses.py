"""The published training loss of the DQ-Transformer (released code of Huang et al. 2023)."""

import torch
from jaxtyping import Bool, Float
from torch import Tensor
from torch.nn import functional as F

from .dq_tokens import Tokens


def published_loss(
    position_logits: Float[Tensor, "b t p"], content_logits: Float[Tensor, "b t v"], tokens: Tokens
) -> Float[Tensor, ""]:
    """Cross-entropy over all ids, in nats: mean over contents, plus half the means over coarse and
    over fine positions.

    Ends and the start tokens of the fine part are among the targets, pads are not. The means run
    over the batch.

    Args:
        position_logits, content_logits: at all slots but the last.
    """
    real, fine = tokens.real[:, 1:], tokens.fine[:, 1:]
    position, content = tokens.position[:, 1:], tokens.content[:, 1:]

    def mean(logits: Tensor, targets: Tensor, among: Bool[Tensor, "b t"]) -> Tensor:
        precise = logits if logits.dtype == torch.float64 else logits.float()
        return F.cross_entropy(precise[among], targets[among])

    coarse_mean = mean(position_logits, position, real & ~fine)
    fine_mean = mean(position_logits, position, real & fine)
    return mean(content_logits, content, real) + (coarse_mean + fine_mean) / 2
