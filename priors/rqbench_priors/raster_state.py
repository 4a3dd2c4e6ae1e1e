"""What the raster prior remembers of images that are being drawn."""

from dataclasses import dataclass

import torch
from jaxtyping import Float, Int
from torch import Tensor

from .generation import State
from .sites import Sites
from .transformer import KeyValueCache


@dataclass(kw_only=True)
class RasterState(State):
    """Images that are being drawn. Rows of the cache leave when their image is complete.

    Attributes:
        symbols, sites: Int[b n] of all images, n the longest sequence of the layout. Before the map
            is complete, sites after it are not known yet.
        rows: Int[m], the images that still draw, in the order of the cache's rows.
        lengths: Int[m] on the CPU, how many symbols each of them will have, as far as is known.
        drawn: how many each of them has.
    """

    prefix: Tensor
    cache: KeyValueCache
    symbols: Tensor
    sites: Tensor
    rows: Tensor
    lengths: Tensor
    first_image: int
    drawn: int = 0

    @classmethod
    def begin(
        cls,
        prefix: Float[Tensor, "b c w"],
        cache: KeyValueCache,
        sites: Sites,
        first_image: int,
    ) -> "RasterState":
        """Nothing drawn yet."""
        longest = sites.map_length + sites.layout.max_codes
        symbols = torch.zeros(len(prefix), longest, dtype=torch.int64, device=prefix.device)
        return cls(
            prefix=prefix,
            cache=cache,
            symbols=symbols,
            sites=sites.of(sites.region_grains(symbols)),
            rows=torch.arange(len(prefix), device=prefix.device),
            lengths=torch.full((len(prefix),), longest),
            first_image=first_image,
        )

    def take(self, symbols: Int[Tensor, " n"], sites: Sites) -> Tensor | slice:
        """Write down the newest symbols; which of their rows go on."""
        self.symbols[self.rows, self.drawn] = symbols
        self.drawn += 1
        if self.drawn == sites.map_length:
            self.sites = sites.of(sites.region_grains(self.symbols))
            self.lengths = (self.sites >= 0).sum(dim=1).cpu()
        going = (self.lengths > self.drawn).nonzero()[:, 0]
        if len(going) == len(self.lengths):
            return slice(None)
        self.lengths = self.lengths[going]
        going = going.to(symbols.device)
        self.rows = self.rows[going]
        self.cache.select(going)
        return going
