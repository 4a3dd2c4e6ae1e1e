"""What a prior's log-likelihood says of codes: their rate, of dynamic codes the map's apart, and
the bits of each cell."""

import math
from dataclasses import dataclass

import torch
from jaxtyping import Float, Int
from torch import Tensor

from ..codes import Codes
from ..metrics.bit_map import bit_map
from ..metrics.rate import rates
from ..prior import Prior
from ..symbol_nats import SymbolNats


@dataclass(frozen=True)
class PriorRates:
    """Of n images.

    Attributes:
        rates: by metric, one number for each image.
        bit_maps: bits of each cell; None where the prior does not say where its symbols stand.
    """

    rates: dict[str, list[float]]
    bit_maps: Float[Tensor, "n h w"] | None


@torch.no_grad()
def prior_rates(
    model: Prior,
    codes: Codes,
    labels: Int[Tensor, " n"] | None,
    pixels: int,
    batch_size: int,
    device: str,
) -> PriorRates:
    """One pass over the codes.

    Args:
        pixels: of one image.
    """
    parts, maps = [], []
    for start in range(0, len(codes), batch_size):
        some = codes[start : start + batch_size].to(device)
        condition = None if labels is None else labels[start : start + batch_size, None].to(device)
        costs = _costs(model, some, condition)
        if costs.cell is not None:
            maps.append(bit_map(costs, some).cpu())
        parts.append(torch.stack([costs.content(), costs.side()]).cpu())
    content, side = torch.cat(parts, dim=1) / math.log(2)
    found = {"nll_bits_per_image": content + side}
    found |= rates("prior", content, side, codes.layout, pixels)
    by_metric = {metric: values.tolist() for metric, values in found.items()}
    return PriorRates(by_metric, torch.cat(maps) if maps else None)


def _costs(model: Prior, codes: Codes, condition: Int[Tensor, "b 1"] | None) -> SymbolNats:
    """Symbol by symbol; but of an image as a whole where its prior would need the slow loop for
    symbols that are all of one kind, and stand nowhere."""
    is_slow = type(model).symbol_nats is Prior.symbol_nats
    if codes.layout.is_dynamic or not is_slow:
        return model.symbol_nats(codes, condition)
    nats = -model.log_prob(codes, condition).double()[:, None]
    return SymbolNats(nats, torch.zeros_like(nats, dtype=torch.bool))
