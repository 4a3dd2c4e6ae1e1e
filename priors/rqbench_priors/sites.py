"""Sites: what each symbol of a raster sequence is about, a region of the map or a code's place.

First come the regions of the map where there is one, then each place of each depth. Axes: b images,
r regions in raster order, n symbols.
"""

import torch
from jaxtyping import Bool, Int
from torch import Tensor

from rqbench.api import CodeLayout

from .places import Places


class Sites:
    """The sites of a layout, numbered.

    Attributes:
        map_length: symbols of the map, 0 for codes of fixed length.
    """

    def __init__(self, layout: CodeLayout, places: Places) -> None:
        self.layout, self.places = layout, places
        self.map_length = layout.num_regions if layout.is_dynamic else 0

    def __len__(self) -> int:
        return self.map_length + len(self.places) * self.layout.depth

    def of(self, grains: Int[Tensor, "b r"]) -> Int[Tensor, "b n"]:
        """Those of images with these maps in the order of their symbols, -1 past an image's end."""
        places = self.places.visited(grains)[..., None]
        depths = torch.arange(self.layout.depth, device=grains.device)
        sites = self.map_length + places * self.layout.depth + depths
        contents = sites.masked_fill(places < 0, -1).flatten(1)
        regions = torch.arange(self.map_length, device=grains.device).expand(len(grains), -1)
        return torch.cat([regions, contents], dim=1)

    def in_map(self, sites: Int[Tensor, "b n"]) -> Bool[Tensor, "b n"]:
        """Which sites are regions of the map."""
        return (sites >= 0) & (sites < self.map_length)

    def cells(self, sites: Int[Tensor, "b n"]) -> Int[Tensor, "b n"]:
        """The top-left cell of each site, -1 past an image's end."""
        regions = self.places.corners[: self.map_length]
        each = torch.cat([regions, self.places.cell.repeat_interleave(self.layout.depth)])
        return each[sites.clamp(min=0)].masked_fill(sites < 0, -1)

    def region_grains(self, symbols: Int[Tensor, "b n"]) -> Int[Tensor, "b r"]:
        """The map that stands at the head of the symbols; all 0 for codes of fixed length."""
        if self.map_length:
            return symbols[:, : self.map_length]
        return symbols.new_zeros(len(symbols), self.layout.num_regions)
