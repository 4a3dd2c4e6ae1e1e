"""Products of a few rows with one weight, many times over.

Axes: b rows, e inputs, w outputs.
"""

from collections.abc import Sequence
from typing import cast

import torch
from jaxtyping import Float
from torch import Tensor, nn

from .packing import Form, packed

TILE = 512
"""Outputs that are computed together on a CPU."""

FEW_ROWS, FEW_OUTPUTS = 4, 4096
"""Below both of them a product waits for its weights alone, however they lie."""


class Product:
    """A linear layer without its module, for so many rows.

    On a CPU the library of matrix products is up to twice as fast for a few rows where the weight
    is transposed and lies in tiles of few columns.

    Args:
        scale: of the outputs.
    """

    def __init__(self, weight: Float[Tensor, "w e"], rows: int, scale: float = 1.0) -> None:
        is_tiled = weight.is_cpu and (rows >= FEW_ROWS or len(weight) >= FEW_OUTPUTS)
        self.tiles = packed(weight, Form(scale, TILE if is_tiled else None))
        self.size = self.tiles[0].shape[1]

    def split(self, outputs: Float[Tensor, "*b w"]) -> Sequence[Float[Tensor, "*b _"]]:
        """The parts of outputs, or of a bias, that one tile each makes."""
        return (outputs,) if len(self.tiles) == 1 else torch.split(outputs, self.size, dim=-1)

    def write(
        self,
        vectors: Float[Tensor, "b e"],
        bias: Sequence[Tensor] | None,
        outputs: Sequence[Tensor],
    ) -> None:
        """Overwrite outputs that were split, as the bias was."""
        if bias is None:
            for tile, out in zip(self.tiles, outputs, strict=True):
                torch.mm(vectors, tile, out=out)
        else:
            for tile, part, out in zip(self.tiles, bias, outputs, strict=True):
                torch.addmm(part, vectors, tile, out=out)

    def add(
        self, vectors: Float[Tensor, "b e"], stream: Float[Tensor, "b w"], share: float = 1.0
    ) -> None:
        """Add a share of the product to a stream, in place."""
        for tile, out in zip(self.tiles, self.split(stream), strict=True):
            out.addmm_(vectors, tile, alpha=share)


class Linear:
    """A product with its layer's bias."""

    def __init__(
        self,
        weight: Float[Tensor, "w e"],
        bias: Float[Tensor, " w"],
        rows: int,
        scale: float = 1.0,
    ) -> None:
        self.product = Product(weight, rows, scale)
        self.bias = bias if scale == 1 else bias * scale
        self.parts = self.product.split(self.bias)

    @classmethod
    def of(cls, layer: nn.Module, rows: int, scale: float = 1.0) -> "Linear":
        return cls(cast(Tensor, layer.weight), cast(Tensor, layer.bias), rows, scale)

    def write(self, vectors: Float[Tensor, "b e"], outputs: Sequence[Tensor]) -> None:
        self.product.write(vectors, self.parts, outputs)
