"""Codes that enter a stack, and the logits that leave it, one place at a time.

Axes: b rows, e width of a code's vector, w width, k codebook entries, t places.
"""

import torch.nn.functional as F
from jaxtyping import Float, Int
from torch import Tensor

from rqbench_priors.embedding import CodeEmbedding
from rqbench_priors.head import ContentHead

from .stack import Affine, normed


class Inputs:
    """Vectors of codes in the model's width, on their places.

    Args:
        places: what is added at each place.
        num_biases: how often the projection's bias is added, where there is one.

    Attributes:
        are_projected: whether vectors are the tokenizer's, and not learned.
    """

    def __init__(
        self, codes: CodeEmbedding, places: Float[Tensor, "t w"], num_biases: int = 1
    ) -> None:
        self.are_projected = codes.project is not None
        self.tables = codes.table.unbind()
        if codes.project is not None:
            self.weight = codes.project.weight
            places = places + codes.project.bias * num_biases
        self.places = places.unbind()

    def look_up(self, codes: Int[Tensor, " b"], depth: int) -> Float[Tensor, "b e"]:
        return F.embedding(codes, self.tables[depth])

    def at(self, vectors: Float[Tensor, "b e"], place: int) -> Float[Tensor, "b w"]:
        """What `look_up` gave, or sums of it, at one place."""
        if self.are_projected:
            return F.linear(vectors, self.weight, self.places[place])
        return vectors + self.places[place]


class Logits:
    """A content head, asked for one depth at a time."""

    def __init__(self, head: ContentHead, depth: int) -> None:
        self.norm, self.weight = Affine.of(head.norm), head.linear.weight
        self.biases = (None,) * depth if head.bias is None else head.bias.expand(depth, -1).unbind()

    def at(self, stream: Float[Tensor, "b w"], depth: int) -> Float[Tensor, "b k"]:
        return F.linear(normed(stream, self.norm), self.weight, self.biases[depth])
