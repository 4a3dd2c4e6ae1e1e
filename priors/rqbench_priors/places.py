"""Places: every spot a code can stand at, in the order in which a prior visits them.

A place is a cell area of one grain: a grid of 4x4 cells with grains of side 2 and 1 has 4 + 16 of
them. A grain map makes some of them active; each image visits its active places in ascending
number. Codes of fixed length are the case in which each cell is a place and all are active.

Axes: b images, r regions in raster order, p places, n places that an image visits, d depth.
"""

from typing import Literal

import torch
from einops import rearrange
from jaxtyping import Bool, Int
from torch import Tensor, nn

from rqbench.api import CodeLayout, Codes, spread

Order = Literal["raster", "row-first", "region-first"]


class Places(nn.Module):
    """The places of a layout.

    Attributes:
        cell, region, grain: Int[p], the top-left cell of each place, its region and its grain.

    Args:
        order: "raster" visits the cells of the finest grid in raster order, whatever their grain.
            The others go from coarse to fine, region after region; they differ in the last grain,
            which "row-first" visits in raster order over the whole grid.
    """

    cell: Tensor
    region: Tensor
    grain: Tensor

    def __init__(self, layout: CodeLayout, order: Order) -> None:
        super().__init__()
        self.layout = layout
        sizes = layout.grain_sizes or (1,)
        grids = [_grid(layout, size) for size in sizes]
        cell = torch.cat([cells for cells, _ in grids])
        region = torch.cat([regions for _, regions in grids])
        grain = torch.cat([torch.full_like(c, g) for g, (c, _) in enumerate(grids)])
        if order == "raster":
            key = cell * len(sizes) + grain
        else:
            by_rows = (grain == len(sizes) - 1) & (order == "row-first")
            major = torch.where(by_rows, 0, region)
            key = (grain * layout.num_regions + major) * layout.height * layout.width + cell
        visit = key.argsort()
        for name, values in (("cell", cell), ("region", region), ("grain", grain)):
            self.register_buffer(name, values[visit], persistent=False)

    def __len__(self) -> int:
        return len(self.cell)

    @property
    def corners(self) -> Int[Tensor, " r"]:
        """The top-left cell of each region."""
        return self.cell[self.grain == 0]  # every order visits the coarsest grain region by region

    def active(self, region_grains: Int[Tensor, "b r"]) -> Bool[Tensor, "b p"]:
        """The places that hold a code where regions have these grains."""
        return region_grains[:, self.region] == self.grain

    def visited(self, region_grains: Int[Tensor, "b r"]) -> Int[Tensor, "b n"]:
        """The places of each image in order, -1 past its end; n is that of the longest image."""
        if not self.layout.is_dynamic:  # without a look at values, which would make the host wait
            every = torch.arange(len(self), device=region_grains.device)
            return every.expand(len(region_grains), -1)
        active = self.active(region_grains)
        lengths, num_cells = active.sum(dim=1), self.layout.height * self.layout.width
        order = active.byte().argsort(dim=1, descending=True, stable=True)
        order = order[:, : int(lengths.max()) if len(lengths) else num_cells]
        ended = torch.arange(order.shape[1], device=order.device) >= lengths[:, None]
        return order.masked_fill(ended, -1)

    def at(self, region_grains: Int[Tensor, "b r"], slot: int) -> Int[Tensor, " b"]:
        """The place that each image visits after `slot` others."""
        reached = self.active(region_grains).cumsum(dim=1) > slot
        return reached.byte().argmax(dim=1)  # the first maximum

    def read(self, codes: Codes, places: Int[Tensor, "b n"]) -> Int[Tensor, "b n d"]:
        """The codes at visited places, -1 past an image's end."""
        cells = rearrange(self.cell[places.clamp(min=0)], "b n -> b n 1")
        values = codes.values.flatten(1, 2)
        contents = values.gather(1, cells.expand(-1, -1, self.layout.depth))
        return contents.masked_fill((places < 0)[..., None], -1)

    def write(self, contents: Int[Tensor, "b n d"], region_grains: Int[Tensor, "b r"]) -> Codes:
        """The inverse of `read`: codes from contents in the order of visit, and regions' grains."""
        layout = self.layout
        places = self.visited(region_grains)
        num_cells = layout.height * layout.width
        cells = self.cell[places.clamp(min=0)].masked_fill(places < 0, num_cells)  # one to spare
        values = contents.new_zeros(len(contents), num_cells + 1, layout.depth)
        index = rearrange(cells, "b n -> b n 1").expand(-1, -1, layout.depth)
        values.scatter_(1, index, contents[:, : places.shape[1]])
        grid = rearrange(values[:, :-1], "b (h w) d -> b h w d", h=layout.height)
        if not layout.is_dynamic:
            return Codes(grid, layout)
        rows, columns = layout.region_grid
        grain_map = rearrange(region_grains, "b (r c) -> b r c", r=rows, c=columns)
        return Codes(spread(grid, grain_map, layout), layout, grain_map)


def region_grains(codes: Codes) -> Int[Tensor, "b r"]:
    """The grain of each region in raster order; all 0 for codes of fixed length."""
    if codes.grain_map is not None:
        return codes.grain_map.flatten(1)
    return codes.values.new_zeros(len(codes), codes.layout.num_regions)


def _grid(layout: CodeLayout, size: int) -> tuple[Int[Tensor, " p"], Int[Tensor, " p"]]:
    """Top-left cells of the areas of one grain in raster order, and their regions.

    Where a model is built for its shapes alone too (the meta device), they are real.
    """
    rows = torch.arange(0, layout.height, size, device="cpu")[:, None]
    columns = torch.arange(0, layout.width, size, device="cpu")
    side = layout.region_size
    regions = (rows // side) * layout.region_grid[1] + columns // side
    return (rows * layout.width + columns).flatten(), regions.flatten()
