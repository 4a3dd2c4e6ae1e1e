"""Codes that enter a stack at places which differ from row to row.

Axes: k rows, e width of a code's vector, w width, p places, n slots.
"""

import torch
import torch.nn.functional as F
from jaxtyping import Float, Int
from torch import Tensor

from rqbench_priors.embedding import CodeEmbedding

from .product import Product


class PlacedInputs:
    """Codes of depth 1 with the places they stand at and their slots.

    Args:
        spots: what is added at each place.
        slots: what is added in each slot.
        rows: that enter together, at most.
    """

    def __init__(
        self,
        codes: CodeEmbedding,
        spots: Float[Tensor, "p w"],
        slots: Float[Tensor, "n w"],
        rows: int,
    ) -> None:
        self.table, self.spots, self.slots = codes.table[0], spots, slots
        self.product: Product | None = None
        if codes.project is not None:
            self.product = Product(codes.project.weight, rows)
            self.spots = spots + codes.project.bias

    def at(
        self, codes: Int[Tensor, " k"], places: Int[Tensor, " k"], slot: int
    ) -> Float[Tensor, "k w"]:
        vectors = F.embedding(codes, self.table)
        around = F.embedding(places, self.spots) + self.slots[slot]
        if self.product is None:
            return around.add_(vectors)
        stream = torch.empty_like(around)
        split = self.product.split
        self.product.write(vectors, split(around), split(stream))
        return stream
