"""Codes that enter a stack, and the logits that leave it, one place at a time.

Axes: b rows, e width of a code's vector, w width, k codebook entries, t places.
"""

import torch
import torch.nn.functional as F
from jaxtyping import Float, Int
from torch import Tensor

from rqbench_priors.embedding import CodeEmbedding
from rqbench_priors.head import ContentHead

from .head import Head
from .product import Product


class Inputs:
    """Vectors of codes in the model's width, on their places. Each result is overwritten by the
    next.

    Args:
        places: what is added at each place.
        rows: that enter together.
        num_biases: how often the projection's bias is added, where there is one.

    Attributes:
        are_projected: whether vectors are the tokenizer's, and not learned.
    """

    def __init__(
        self, codes: CodeEmbedding, places: Float[Tensor, "t w"], rows: int, num_biases: int = 1
    ) -> None:
        self.tables = codes.table.unbind()
        self.product: Product | None = None
        if codes.project is not None:
            self.product = Product(codes.project.weight, rows)
            places = places + codes.project.bias * num_biases
        split = self.product.split if self.product else lambda place: (place,)
        self.places = [split(place) for place in places]
        self.stream = places.new_empty(rows, places.shape[1])
        self.parts = split(self.stream)

    @property
    def are_projected(self) -> bool:
        return self.product is not None

    def look_up(self, codes: Int[Tensor, " b"], depth: int) -> Float[Tensor, "b e"]:
        return F.embedding(codes, self.tables[depth])

    def at(self, vectors: Float[Tensor, "b e"], place: int) -> Float[Tensor, "b w"]:
        """What `look_up` gave, or sums of it, at one place."""
        if self.product is None:
            return torch.add(vectors, *self.places[place], out=self.stream)
        self.product.write(vectors, self.places[place], self.parts)
        return self.stream


class Logits:
    """A content head, asked for one depth at a time."""

    def __init__(self, head: ContentHead, depth: int, rows: int) -> None:
        self.head = Head(head.norm, head.linear.weight, None, rows)
        self.biases: list[Tensor | None] = [None] * depth
        if head.bias is not None:
            self.biases = list(head.bias.to(self.head.dtype).expand(depth, -1))

    def at(self, stream: Float[Tensor, "b w"], depth: int) -> Float[Tensor, "b k"]:
        logits, bias = self.head(stream), self.biases[depth]
        return logits if bias is None else logits.add_(bias)
