"""Integer frequencies of symbols: what an arithmetic coder can be exact about.

Axes: n rows, v symbols.
"""

import constriction
import numpy as np
import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor

from ..errors import UnsupportedError

TOTAL = 1 << 24
"""What the frequencies of a row sum to: the precision of constriction's models."""


def frequencies(logits: Float[Tensor, "n v"], legal: Bool[Tensor, "n v"]) -> Int[Tensor, "n v"]:
    """Integers that sum to TOTAL in each row, at least 1 for what is legal and 0 for the rest.

    Of m legal symbols each has p (TOTAL - m), rounded down, and 1 more; what rounding left goes to
    the most probable one. So a symbol costs at most -log2(1 - m / TOTAL) bits more than -log2 p.

    Raises:
        UnsupportedError: logits that are no distribution.
    """
    probabilities = logits.double().masked_fill(~legal, -torch.inf).softmax(dim=-1)
    if not bool(probabilities[:, 0].isfinite().all()):  # one wrong logit spoils its whole row
        raise UnsupportedError(
            "The prior's logits are not finite, so that symbols have no probabilities to code by. "
            "Train it again; its loss will have failed too."
        )
    probable = probabilities.argmax(dim=-1, keepdim=True)
    to_share = TOTAL - legal.sum(dim=-1, keepdim=True)
    shares = probabilities.mul_(to_share).long().add_(legal)  # long() rounds down
    left = TOTAL - shares.sum(dim=-1, keepdim=True)
    return shares.scatter_add_(-1, probable, left)


def entropy_model(positive: Int[np.ndarray, " m"]) -> constriction.stream.model.Categorical:
    """The model with exactly these frequencies, which sum to TOTAL.

    constriction gives each of m symbols 1 and shares out TOTAL - m in proportion to weights. Such
    that sum to TOTAL - m are scaled by exactly 1, and their sums are whole numbers below 2^24,
    which single precision holds.
    """
    return constriction.stream.model.Categorical((positive - 1).astype(np.float32), lazy=True)
