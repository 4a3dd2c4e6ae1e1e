"""Weights as products of few rows want them.

Packing costs as much as several steps, and caches take tens of steps to get used to new memory. So
a packed copy is kept as long as its weight lives and has not changed.

Axes: w outputs, e inputs.
"""

from collections.abc import MutableMapping
from dataclasses import dataclass, replace
from typing import NamedTuple

import torch
from jaxtyping import Float
from torch import Tensor
from torch.utils.weak import WeakIdKeyDictionary

MOST_KEPT = 2**28
"""Bytes of copies that are kept, of all models; larger ones gain nothing from caches."""

INTEGERS = {2: torch.int16, 4: torch.int32, 8: torch.int64}
"""As wide as a number of so many bytes."""


class Form(NamedTuple):
    """
    Attributes:
        scale: of the numbers.
        tile: outputs that lie together, transposed; None: all, as they lay.
    """

    scale: float
    tile: int | None


class _Key(NamedTuple):
    """Which part of a weight, and in which form."""

    offset: int
    shape: torch.Size
    stride: tuple[int, ...]
    dtype: torch.dtype
    form: Form


@dataclass(frozen=True)
class _Copy:
    """
    Attributes:
        version, bits, sums: of the weight when it was packed. The version grows with each change
            that autograd sees. Others are told by the sum of all numbers' bits, which sees every
            single one, and by a product with a fixed vector, which sees their order.
    """

    tiles: tuple[Tensor, ...]
    version: int
    bits: Tensor
    sums: Tensor

    def is_of(self, other: "_Copy") -> bool:
        """Whether both were packed of equal numbers."""
        same = self.version == other.version and torch.equal(self.bits, other.bits)
        return same and torch.equal(self.sums, other.sums)


_copies: MutableMapping[Tensor, dict[_Key, _Copy]] = WeakIdKeyDictionary()


def packed(weight: Float[Tensor, "w e"], form: Form) -> tuple[Float[Tensor, "e _"], ...]:
    """Tiles whose columns together are the rows of the weight, or of this slice of one."""
    if form == Form(1.0, None):
        return (weight.t(),)
    if weight.is_inference():  # has no version
        return _pack(weight, form)
    whole = weight if weight._base is None else weight._base
    kept = _copies.setdefault(whole, {})
    offset = int(weight.storage_offset())
    key = _Key(offset, weight.shape, weight.stride(), weight.dtype, form)
    found = kept.get(key)
    if found is None and bytes_kept() + weight.nbytes > MOST_KEPT:
        return _pack(weight, form)
    now = _described(weight)
    if found is None or not found.is_of(now):
        found = kept[key] = replace(now, tiles=_pack(weight, form))
    return found.tiles


def bytes_kept() -> int:
    """Bytes of the copies that are kept now."""
    return sum(
        tile.nbytes
        for kept in list(_copies.values())
        for copy in list(kept.values())
        for tile in copy.tiles
    )


def _pack(weight: Float[Tensor, "w e"], form: Form) -> tuple[Float[Tensor, "e _"], ...]:
    scaled = weight.detach()
    if form.scale != 1:
        scaled = scaled * form.scale
    if form.tile is None:
        return (scaled.t(),)
    return tuple(tile.t().contiguous() for tile in torch.split(scaled, form.tile))


def _described(weight: Float[Tensor, "w e"]) -> _Copy:
    """What tells a weight from others, without tiles."""
    numbers = torch.linspace(1, 2, weight.shape[1], dtype=weight.dtype, device=weight.device)
    bits = weight.detach().view(INTEGERS[weight.itemsize]).sum()
    return _Copy((), weight._version, bits, torch.mv(weight.detach(), numbers))
