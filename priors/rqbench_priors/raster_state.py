"""What the raster prior remembers of images that are being drawn."""

from dataclasses import dataclass

from torch import Tensor

from .generation import State
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
