"""Codes that enter a stack at places which differ from row to row, and the logits of rows that may
become fewer.

Axes: k rows, e width of a code's vector, w width, p places, n slots, v vocabulary.
"""

import torch
import torch.nn.functional as F
from jaxtyping import Float, Int
from torch import Tensor, nn

from rqbench_priors.embedding import CodeEmbedding

from .product import Product
from .stack import Affine, normed


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


class Head:
    """Norm and linear layer. What it gave stays as it is when it is asked again."""

    def __init__(
        self,
        norm: nn.LayerNorm,
        weight: Float[Tensor, "v w"],
        bias: Float[Tensor, " v"] | None,
        rows: int,
    ) -> None:
        self.norm, self.product = Affine.of(norm), Product(weight, rows)
        self.bias = None if bias is None else self.product.split(bias)
        self.size = len(weight)

    def __call__(self, stream: Float[Tensor, "k w"]) -> Float[Tensor, "k v"]:
        logits = stream.new_empty(len(stream), self.size)
        self.product.write(normed(stream, self.norm), self.bias, self.product.split(logits))
        return logits
