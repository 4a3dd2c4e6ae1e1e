"""Norm and linear layer that give logits, in single precision at least whatever the weights are in:
half precision would round many of a large vocabulary to the same value.

Axes: b rows, w width, v vocabulary.
"""

import torch
from jaxtyping import Float
from torch import Tensor, nn

from .product import Product
from .stack import Norm

HALVES = torch.bfloat16, torch.float16


class Head:
    """What it gave stays as it is when it is asked again.

    Args:
        rows: that are asked for together, at most.
    """

    def __init__(
        self,
        norm: nn.Module,
        weight: Float[Tensor, "v w"],
        bias: Float[Tensor, " v"] | None,
        rows: int,
    ) -> None:
        self.norm, self.size = Norm.of(norm), len(weight)
        self.dtype = torch.float32 if weight.dtype in HALVES else weight.dtype
        self.bias = None if bias is None else bias.to(self.dtype)
        self.product: Product | None = None
        self.turned = weight.t()
        if weight.is_cpu or weight.dtype not in HALVES:
            self.product = Product(weight.to(self.dtype), rows)

    def __call__(self, stream: Float[Tensor, "b w"]) -> Float[Tensor, "b v"]:
        logits = self._multiply(self.norm(stream))
        # one sum of all, where each of many tiles would copy its part of the bias first
        return logits if self.bias is None else logits.add_(self.bias)

    def _multiply(self, vectors: Float[Tensor, "b w"]) -> Float[Tensor, "b v"]:
        if self.product is None:  # a device multiplies halves into singles
            return torch.mm(vectors, self.turned, out_dtype=torch.float32)
        logits = vectors.new_empty(len(vectors), self.size, dtype=self.dtype)
        self.product.write(vectors.to(self.dtype), None, self.product.split(logits))
        return logits
