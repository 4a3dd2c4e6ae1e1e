"""A stack of blocks that takes one new place of each sequence at a time.

Axes: b rows, w width.
"""

from dataclasses import dataclass
from typing import cast

import torch.nn.functional as F
from jaxtyping import Float
from torch import Tensor, nn

from rqbench_priors.transformer import Block, KeyValueCache, Stack


@dataclass(frozen=True)
class Affine:
    """Weight and bias of a norm or a linear layer; looking them up in modules costs as much as a
    small sum."""

    weight: Tensor
    bias: Tensor | None

    @classmethod
    def of(cls, layer: nn.Module) -> "Affine":
        return cls(cast(Tensor, layer.weight), cast(Tensor | None, layer.bias))


@dataclass(frozen=True)
class Slot:
    """Where one place's keys and values go, and what it sees.

    Attributes:
        newest: Float[2 b heads size], keys and values of the place itself.
        keys, values: Float[b heads all size], up to the place.
    """

    newest: Tensor
    keys: Tensor
    values: Tensor


class Layer:
    """One block's weights, and the places of its cache."""

    def __init__(self, block: Block, memory: Float[Tensor, "2 b heads places size"]) -> None:
        norm, expand, _, contract, _ = block.mlp
        self.attention_norm = Affine.of(block.attention_norm)
        self.query_key_value = Affine.of(block.query_key_value)
        self.project = Affine.of(block.project)
        self.mlp_norm, self.expand, self.contract = map(Affine.of, (norm, expand, contract))
        keys, values = memory
        self.slots = [
            Slot(memory[:, :, :, at], keys[:, :, : at + 1], values[:, :, : at + 1])
            for at in range(memory.shape[3])
        ]

    def step(self, stream: Float[Tensor, "b w"], at: int) -> None:
        """Add attention and MLP to the stream, which is changed in place."""
        slot = self.slots[at]
        _, rows, heads, size = slot.newest.shape
        mixed = linear(normed(stream, self.attention_norm), self.query_key_value)
        mixed = mixed.view(rows, 3, heads, size)
        slot.newest.copy_(mixed[:, 1:].transpose(0, 1))
        query = mixed[:, :1].transpose(1, 2)
        seen = F.scaled_dot_product_attention(query, slot.keys, slot.values)
        stream += linear(seen.reshape(rows, heads * size), self.project)
        hidden = F.gelu(linear(normed(stream, self.mlp_norm), self.expand))
        stream += linear(hidden, self.contract)


class DecodingStack:
    """`Stack.step` for one place, without what modules cost.

    Args:
        cache: takes the places; filled ones are seen.

    Attributes:
        length: filled places; set it to 0 to start again.
    """

    def __init__(self, stack: Stack, cache: KeyValueCache, rows: int) -> None:
        self.length = cache.length
        self.layers: list[Layer] = []
        for layer, block in enumerate(stack.blocks):
            assert isinstance(block, Block)
            weight = block.project.weight
            nothing = weight.new_empty(rows, block.heads, 0, len(weight) // block.heads)
            self.layers.append(Layer(block, cache.memory(nothing)[layer]))

    def step(self, stream: Float[Tensor, "b w"]) -> None:
        """The newest place goes through all blocks, and is changed in place."""
        for layer in self.layers:
            layer.step(stream, self.length)
        self.length += 1


def normed(stream: Float[Tensor, "b w"], norm: Affine) -> Float[Tensor, "b w"]:
    return F.layer_norm(stream, stream.shape[1:], norm.weight, norm.bias)


def linear(vectors: Float[Tensor, "b e"], layer: Affine) -> Float[Tensor, "b w"]:
    return F.linear(vectors, layer.weight, layer.bias)
