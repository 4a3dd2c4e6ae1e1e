"""The rate that a prior gives to codes: its log-likelihood, and of dynamic codes the map apart."""

import math

import torch
from jaxtyping import Int
from torch import Tensor

from ..codes import Codes
from ..metrics.rate import rates
from ..prior import Prior


@torch.no_grad()
def prior_rates(
    model: Prior,
    codes: Codes,
    labels: Int[Tensor, " n"] | None,
    pixels: int,
    batch_size: int,
    device: str,
) -> dict[str, list[float]]:
    """By metric, one number for each image.

    Args:
        pixels: of one image.
    """
    parts = []
    for start in range(0, len(codes), batch_size):
        some = codes[start : start + batch_size].to(device)
        condition = None if labels is None else labels[start : start + batch_size, None].to(device)
        if codes.layout.is_dynamic:
            costs = model.symbol_nats(some, condition)
            content, side = costs.content(), costs.side()
        else:
            content = -model.log_prob(some, condition).double()
            side = torch.zeros_like(content)
        parts.append(torch.stack([content, side]).cpu())
    content, side = torch.cat(parts, dim=1) / math.log(2)
    found = {"nll_bits_per_image": content + side}
    found |= rates("prior", content, side, codes.layout, pixels)
    return {metric: values.tolist() for metric, values in found.items()}
