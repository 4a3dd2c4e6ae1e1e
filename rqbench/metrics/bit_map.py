"""Where an image's bits go: what each cell of the finest grid costs.

A code's bits are spread evenly over the cells that it fills, what tells the map over the region it
is about, and what is about no region (the end of a grain) over the whole picture. So the cells of
an image sum to its bits.
"""

import math

import torch
from jaxtyping import Float, Int
from torch import Tensor

from rqbench.codes import Codes, cell_sizes
from rqbench.errors import UnsupportedError
from rqbench.symbol_nats import SymbolNats

NO_PLACES = (
    "This prior says what its symbols cost and not where they stand, so there is no map of its "
    "bits. Give its `symbol_nats` the cells."
)


def bit_map(costs: SymbolNats, codes: Codes) -> Float[Tensor, "b h w"]:
    """Bits of each cell, of what a prior says that these codes cost.

    Raises:
        UnsupportedError: a prior that does not say where its symbols stand.
    """
    if costs.cell is None:
        raise UnsupportedError(NO_PLACES)
    bits, is_placed = costs.nats.double() / math.log(2), costs.cell >= 0
    region = torch.full_like(codes.values[..., 0], codes.layout.region_size)
    side = _at_corners(bits * (costs.is_side & is_placed), costs.cell, codes)
    content = _at_corners(bits * (~costs.is_side & is_placed), costs.cell, codes)
    about_all = (bits * ~is_placed).sum(dim=1) / (codes.layout.height * codes.layout.width)
    return _filled(content, _code_sizes(codes)) + _filled(side, region) + about_all[:, None, None]


def nominal_bit_map(codes: Codes) -> Float[Tensor, "b h w"]:
    """Bits of each cell of `Codes.nominal_bits`; all equal where codes have a fixed length."""
    layout = codes.layout
    of_map = layout.map_bits / (layout.height * layout.width)
    return layout.depth * layout.bits_per_code / _code_sizes(codes).double().square() + of_map


def _code_sizes(codes: Codes) -> Int[Tensor, "b h w"]:
    """The side, in cells, of the area that each cell's code fills."""
    if codes.grain_map is None:
        return torch.ones_like(codes.values[..., 0])
    return cell_sizes(codes.grain_map, codes.layout)


def _at_corners(
    bits: Float[Tensor, "b n"], cell: Int[Tensor, "b n"], codes: Codes
) -> Float[Tensor, "b h w"]:
    """The bits of symbols, added up at the cells that they name."""
    shape = codes.values.shape[:3]
    sums = bits.new_zeros(shape).flatten(1)
    return sums.scatter_add(1, cell.clamp(min=0), bits).view(shape)


def _filled(
    at_corners: Float[Tensor, "b h w"], sizes: Int[Tensor, "b h w"]
) -> Float[Tensor, "b h w"]:
    """Each cell's share of what stands at the top-left cell of its area."""
    height, width = sizes.shape[1:]
    rows = torch.arange(height, device=sizes.device)[:, None]
    columns = torch.arange(width, device=sizes.device)
    corner = (rows - rows % sizes) * width + columns - columns % sizes
    shares = at_corners.flatten(1).gather(1, corner.flatten(1)).view_as(at_corners)
    return shares / sizes.square()
