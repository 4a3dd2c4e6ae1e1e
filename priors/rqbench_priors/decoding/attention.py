"""Attention of one new place of each sequence to all places up to it.

Axes: b rows, m rows that stay, w width, t places, n rows times heads.
"""

from collections.abc import Callable
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from jaxtyping import Float, Int
from torch import Tensor

from rqbench_priors.transformer import Block

from .product import Linear

Look = Callable[[Tensor, "Slot", int], Tensor]
"""(query, place, heads) -> what the query sees."""


@dataclass(frozen=True)
class Slot:
    """One place of a cache.

    Attributes:
        newest: Float[2 b heads size], keys and values of the place.
        keys, values: Float[n t size], up to the place.
    """

    newest: Tensor
    keys: Tensor
    values: Tensor


class Attention:
    """One layer's queries, keys and values, and the places that are filled."""

    def __init__(self, block: Block, rows: int, places: int) -> None:
        weight, bias = block.query_key_value.weight, block.query_key_value.bias
        width, self.heads = weight.shape[1], block.heads
        self.ask = Linear(weight[:width], bias[:width], rows)
        self.tell = Linear(weight[width:], bias[width:], rows)
        size = width // block.heads
        self.memory = weight.new_empty(2, rows, block.heads, places, size)
        self.look: Look = _look if weight.is_cpu else _look_fused
        self._make_room()

    def fill(self, both: Float[Tensor, "2 b heads t size"]) -> None:
        """Keys and values of the first places."""
        self.memory[:, :, :, : both.shape[3]] = both

    def select(self, rows: Int[Tensor, " m"], length: int) -> None:
        """Keep these rows only, and of their places the first ones."""
        filled = self.memory[:, rows, :, :length]
        self.memory = self.memory[:, : len(rows)]
        self.memory[:, :, :, :length] = filled
        self._make_room()

    def slot(self, at: int) -> Slot:
        return Slot(self.memory[:, :, :, at], self.keys[:, : at + 1], self.values[:, : at + 1])

    def __call__(self, vectors: Float[Tensor, "b w"], at: int) -> Float[Tensor, "b w"]:
        """What the place `at` sees; overwrites what stood there."""
        slot = self.slot(at)
        self.ask.write(vectors, self.asked)
        self.tell.write(vectors, self.told)
        slot.newest.copy_(self.both)
        return self.look(self.query, slot, self.heads).view(vectors.shape)

    def _make_room(self) -> None:
        """Memory for what a step computes, and views."""
        _, rows, heads, _, size = self.memory.shape
        self.keys, self.values = self.memory.flatten(1, 2)
        self.query = self.memory.new_empty(rows * heads, 1, size)
        self.asked = self.ask.product.split(self.query.view(rows, heads * size))
        both = self.memory.new_empty(rows, 2 * heads * size)
        self.told = self.tell.product.split(both)
        self.both = both.view(rows, 2, heads, size).transpose(0, 1)


def _look(query: Float[Tensor, "n 1 size"], slot: Slot, heads: int) -> Float[Tensor, "n 1 size"]:
    """By two products, which on a CPU take less than the fused kernel for a single query."""
    scale = query.shape[2] ** -0.5
    nothing = query.new_empty(1)  # not read, since its share is 0
    scores = torch.baddbmm(nothing, query, slot.keys.transpose(1, 2), beta=0, alpha=scale)
    return torch.bmm(scores.softmax(dim=2), slot.values)


def _look_fused(
    query: Float[Tensor, "n 1 size"], slot: Slot, heads: int
) -> Float[Tensor, "n 1 size"]:
    """By a fused kernel, all of which want rows and heads apart."""
    query, keys, values = (
        torch.unflatten(part, 0, (-1, heads)) for part in (query, slot.keys, slot.values)
    )
    return F.scaled_dot_product_attention(query, keys, values).flatten(0, 1)
