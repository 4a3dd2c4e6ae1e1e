"""Where each symbol stands, for priors that name regions between their codes."""

import torch
from jaxtyping import Float
from torch import Tensor
from torch.nn import functional as F

from rqbench.api import Codes, SymbolNats

from .legal import drawing_order, positions
from .places import Places, region_grains


def named_nats(log_probs: Float[Tensor, "b n"], codes: Codes, places: Places) -> SymbolNats:
    """The costs of symbols in the order of `drawing_order`."""
    regions = region_grains(codes)
    named, visited = positions(regions, codes.layout), places.visited(regions)
    contents = places.read(codes, visited)[..., 0]
    corners = F.pad(places.corners, (0, 1), value=-1)  # the end of a grain stands nowhere
    told = corners[named.symbol.clamp(min=0)].masked_fill(named.symbol < 0, -1)
    filled = places.cell[visited.clamp(min=0)].masked_fill(visited < 0, -1)
    is_side = torch.cat([named.symbol >= 0, torch.zeros_like(visited, dtype=torch.bool)], dim=1)
    order = drawing_order(named, contents, codes.layout)
    cell = torch.cat([told, filled], dim=1).gather(1, order)
    return SymbolNats(-log_probs, is_side.gather(1, order), cell)
