"""Attention of one new place of each sequence to all places up to it.

Two biases need no sum of their own. That of the keys adds the same to all scores of a query, so
that it changes nothing; that of the values adds itself to what is seen, since weights sum to one.

Axes: b rows, m rows that stay, w width, t places, n rows times heads.
"""

from collections.abc import Callable
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from jaxtyping import Float, Int
from torch import Tensor

from rqbench_priors.transformer import Block

from .product import Linear, Product

FEW_PLACES = 8
"""Up to which values are summed up faster one by one than by a product, on a CPU."""

Look = Callable[[Tensor, "Slot", int], Tensor]
"""(query, slot, heads) -> what the query sees."""


@dataclass(frozen=True)
class Slot:
    """One place of a cache.

    Attributes:
        newest: Float[2 b heads size], keys and values of the place.
        keys: Float[n size t], up to the place.
        values: Float[n t size], likewise.
    """

    newest: Tensor
    keys: Tensor
    values: Tensor


class Attention:
    """One layer's queries, keys and values, and the places that are filled.

    Attributes:
        value_bias: Float[w], what is missing in all that is seen.
    """

    def __init__(self, block: Block, rows: int, places: int) -> None:
        weight, bias = block.query_key_value.weight, block.query_key_value.bias
        width, self.heads = weight.shape[1], block.heads
        size = width // block.heads
        scale = size**-0.5 if weight.is_cpu else 1.0  # fused kernels have their own
        self.ask = Linear(weight[:width], bias[:width], rows, scale)
        self.tell = Product(weight[width:], rows)
        self.key_bias, self.value_bias = bias[width:].chunk(2)
        self.memory = weight.new_empty(2, rows, block.heads, places, size)
        self.look: Look = _look if weight.is_cpu else _look_fused
        self._make_room()

    def fill(self, both: Float[Tensor, "2 b heads t size"]) -> None:
        """Keys and values of the first places, with their biases."""
        biases = torch.stack([self.key_bias, self.value_bias])
        self.memory[:, :, :, : both.shape[3]] = both - biases.view(2, 1, self.heads, 1, -1)

    def select(self, rows: Int[Tensor, " m"], length: int) -> None:
        """Keep these rows only, and of their places the first ones."""
        filled = self.memory[:, rows, :, :length]
        self.memory = self.memory[:, : len(rows)]
        self.memory[:, :, :, :length] = filled
        self._make_room()

    def slot(self, at: int) -> Slot:
        slot = self.slots.get(at)
        if slot is None:
            keys, values = self.keys[:, :, : at + 1], self.values[:, : at + 1]
            slot = self.slots[at] = Slot(self.memory[:, :, :, at], keys, values)
        return slot

    def __call__(self, vectors: Float[Tensor, "b w"], at: int) -> Float[Tensor, "b w"]:
        """What the place `at` sees, but for the bias; overwrites what stood there."""
        slot = self.slot(at)
        self.tell.write(vectors, None, self.told)
        slot.newest.copy_(self.both)
        if at == 0:  # sees itself
            return self.value
        self.ask.write(vectors, self.asked)
        return self.look(self.query, slot, self.heads).view(vectors.shape)

    def _make_room(self) -> None:
        """Memory for what a step computes, and views."""
        _, rows, heads, _, size = self.memory.shape
        self.slots: dict[int, Slot] = {}
        keys, self.values = self.memory.flatten(1, 2)
        self.keys = keys.transpose(1, 2)
        self.query = self.memory.new_empty(rows * heads, 1, size)
        self.asked = self.ask.product.split(self.query.view(rows, heads * size))
        both = self.memory.new_empty(rows, 2 * heads * size)
        self.told, self.value = self.tell.split(both), both[:, heads * size :]
        self.both = both.view(rows, 2, heads, size).transpose(0, 1)


def _look(query: Float[Tensor, "n 1 size"], slot: Slot, heads: int) -> Float[Tensor, "n 1 size"]:
    """By two products, which on a CPU take less than the fused kernel for a single query. The
    query is scaled."""
    weights = torch.bmm(query, slot.keys).softmax(dim=2)
    if slot.values.shape[1] <= FEW_PLACES:
        return (weights.transpose(1, 2) * slot.values).sum(dim=1, keepdim=True)
    return torch.bmm(weights, slot.values)


def _look_fused(
    query: Float[Tensor, "n 1 size"], slot: Slot, heads: int
) -> Float[Tensor, "n 1 size"]:
    """By a fused kernel, all of which want rows and heads apart."""
    query, keys, values = (
        torch.unflatten(part, 0, (-1, heads))
        for part in (query, slot.keys.transpose(1, 2), slot.values)
    )
    return F.scaled_dot_product_attention(query, keys, values).flatten(0, 1)
