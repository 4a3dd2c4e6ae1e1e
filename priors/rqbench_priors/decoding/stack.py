"""A stack of blocks that takes one new place of each sequence at a time.

What a step needs again and again is made once: views of the cache, and memory for what passes
between two products.

Axes: b rows, m rows that stay, w width.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import cast

import torch
import torch.nn.functional as F
from jaxtyping import Float, Int
from torch import Tensor, nn

from rqbench_priors.transformer import Block, KeyValueCache, Stack

from .attention import Attention
from .between import compiled_gelu, compiled_settle, compiles, settle
from .product import Linear, Product

HALF_ROOT = 0.5**0.5


@dataclass(frozen=True)
class Norm:
    """A norm without its module; looking weights up in modules costs as much as a small sum.

    Attributes:
        pending: a bias that the product before it left to be added to the stream.
        settle: adds it and norms.
    """

    weight: Tensor
    bias: Tensor
    pending: Tensor | None = None
    settle: Callable[..., Tensor] = settle

    @classmethod
    def of(cls, norm: nn.Module, pending: Tensor | None = None) -> "Norm":
        step = compiled_settle() if compiles() else settle
        return cls(cast(Tensor, norm.weight), cast(Tensor, norm.bias), pending, step)

    def __call__(self, stream: Float[Tensor, "b w"]) -> Float[Tensor, "b w"]:
        """The stream normed; what was pending is in it afterwards."""
        if self.pending is None:
            return torch.layer_norm(stream, self.weight.shape, self.weight, self.bias)
        return self.settle(stream, self.pending, self.weight, self.bias)


class Hidden:
    """What passes between the two products of an MLP; the layers of a stack share it.

    On a CPU the library's GELU looks for a kernel each time, which takes longer than few rows do.
    It is x / 2 times 1 + erf(x / sqrt 2): the first product gives x / sqrt 2, and what is left of
    the factor goes into the second.
    """

    def __init__(self, width: int, rows: int, like: Tensor) -> None:
        self.by_hand = like.is_cpu and not compiles()
        self.before, self.after = (HALF_ROOT, HALF_ROOT) if self.by_hand else (1.0, 1.0)
        self.gelu = compiled_gelu() if compiles() else F.gelu
        self.values = like.new_empty(rows, width)
        self.scratch = torch.empty_like(self.values)

    def keep(self, rows: int) -> None:
        """So many rows are left."""
        self.values, self.scratch = self.values[:rows], self.scratch[:rows]

    def activated(self) -> Float[Tensor, "b hidden"]:
        """GELU of the values, but for `after`."""
        if not self.by_hand:
            return self.gelu(self.values)
        torch.erf(self.values, out=self.scratch)
        return torch.addcmul(self.values, self.values, self.scratch, out=self.scratch)


class Layer:
    """One block.

    Args:
        pending: the bias that the layer before left, None in the first one.

    Attributes:
        pending: the bias that this one leaves.
    """

    def __init__(
        self, block: Block, rows: int, places: int, hidden: Hidden, pending: Tensor | None
    ) -> None:
        norm, expand, _, contract, _ = block.mlp
        self.attention_norm = Norm.of(block.attention_norm, pending)
        self.attention = Attention(block, rows, places)
        self.project = Product(block.project.weight, rows)
        seen_by_all = F.linear(self.attention.value_bias, block.project.weight, block.project.bias)
        self.mlp_norm = Norm.of(norm, seen_by_all)
        self.expand = Linear.of(expand, rows, hidden.before)
        self.contract = Product(cast(Tensor, contract.weight), rows)
        self.pending = cast(Tensor, contract.bias)
        self.hidden = hidden
        self.keep()

    def step(self, stream: Float[Tensor, "b w"], at: int) -> None:
        """Add attention and MLP to the stream, which is changed in place."""
        seen = self.attention(self.attention_norm(stream), at)
        self.project.add(seen, stream)
        self.expand.write(self.mlp_norm(stream), self.expanded)
        self.contract.add(self.hidden.activated(), stream, self.hidden.after)

    def keep(self) -> None:
        """As many rows as `hidden` has are left."""
        self.expanded = self.expand.product.split(self.hidden.values)


class DecodingStack:
    """`Stack.step` for one place, without what modules cost.

    Args:
        places: that there will be.
        cache: of the first ones, where some are filled by now.

    Attributes:
        length: filled places; set it to 0 to start again.
    """

    def __init__(
        self, blocks: nn.ModuleList, rows: int, places: int, cache: KeyValueCache | None = None
    ) -> None:
        self.length = cache.length if cache else 0
        self.layers: list[Layer] = []
        self.hidden: Hidden | None = None
        for block in cast(Sequence[Block], blocks):
            expand = cast(nn.Linear, block.mlp[1])
            self.hidden = self.hidden or Hidden(expand.out_features, rows, expand.weight)
            pending = self.layers[-1].pending if self.layers else None
            self.layers.append(Layer(block, rows, places, self.hidden, pending))
        for number, layer in enumerate(self.layers if cache else ()):
            assert cache is not None
            layer.attention.fill(cache.filled(number))

    def step(self, stream: Float[Tensor, "b w"]) -> None:
        """The newest place goes through all blocks, and is changed in place."""
        for layer in self.layers:
            layer.step(stream, self.length)
        if self.layers:
            stream.add_(self.layers[-1].pending)
        self.length += 1

    def select(self, rows: Int[Tensor, " m"]) -> None:
        """Keep these rows only."""
        if self.hidden is not None:
            self.hidden.keep(len(rows))
        for layer in self.layers:
            layer.attention.select(rows, self.length)
            layer.keep()


class DecodingCache(KeyValueCache):
    """A cache whose single steps go through a `DecodingStack`; what comes first, several places at
    once, goes through the modules."""

    def __init__(self, num_layers: int, capacity: int) -> None:
        super().__init__(num_layers, capacity)
        self._decoding: DecodingStack | None = None

    def advance(
        self, blocks: nn.ModuleList, stream: Float[Tensor, "b t w"]
    ) -> Float[Tensor, "b t w"]:
        if stream.shape[1] > 1:
            return super().advance(blocks, stream)
        if self._decoding is None:
            filled = self if self.length else None
            self._decoding = DecodingStack(blocks, len(stream), self.capacity, filled)
            self._memory = None
        newest = stream[:, 0].clone()
        self._decoding.length = self.length
        self._decoding.step(newest)
        self.length += 1
        return newest[:, None]

    def select(self, rows: Int[Tensor, " m"]) -> None:
        if self._decoding is None:
            super().select(rows)
        else:
            self._decoding.select(rows)


@contextmanager
def faster_steps(model: nn.Module) -> Iterator[None]:
    """Caches of the stacks in a model are made for fast steps as long as this lasts, in whatever
    thread."""
    stacks = [part for part in model.modules() if isinstance(part, Stack)]
    before = [stack.cache_type for stack in stacks]
    for stack in stacks:
        stack.cache_type = DecodingCache
    try:
        yield
    finally:
        for stack, cache_type in zip(stacks, before, strict=True):
            stack.cache_type = cache_type
