"""Weights as products of few rows want them.

Packing costs as much as several steps, and caches take tens of steps to get used to new memory. So
a packed copy is kept as long as its weight lives and has not changed.

Axes: w outputs, e inputs.
"""

from collections.abc import MutableMapping
from dataclasses import dataclass
from typing import NamedTuple

import torch
from jaxtyping import Float
from torch import Tensor
from torch.utils.weak import WeakIdKeyDictionary

MOST_KEPT = 2**28
"""Bytes of copies that are kept, of all models; larger ones gain nothing from caches."""


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
    form: Form


@dataclass(frozen=True)
class _Copy:
    """
    Attributes:
        version, mark: of the weight when it was packed. The version grows with each change that
            autograd sees; the mark, a product with a fixed vector, tells of the others.
    """

    tiles: tuple[Tensor, ...]
    version: int
    mark: Tensor


_copies: MutableMapping[Tensor, dict[_Key, _Copy]] = WeakIdKeyDictionary()


def packed(weight: Float[Tensor, "w e"], form: Form) -> tuple[Float[Tensor, "e _"], ...]:
    """Tiles whose columns together are the rows of the weight, or of this slice of one."""
    if form == Form(1.0, None):
        return (weight.t(),)
    if weight.is_inference():  # has no version
        return _pack(weight, form)
    whole = weight if weight._base is None else weight._base
    kept = _copies.setdefault(whole, {})
    key, mark = _Key(int(weight.storage_offset()), weight.shape, form), _mark(weight)
    found = kept.get(key)
    if found and found.version == weight._version and torch.equal(found.mark, mark):
        return found.tiles
    kept.pop(key, None)
    tiles = _pack(weight, form)
    if bytes_kept() + weight.nbytes <= MOST_KEPT:
        kept[key] = _Copy(tiles, weight._version, mark)
    return tiles


def bytes_kept() -> int:
    """Bytes of the copies that are kept now."""
    return sum(
        tile.nbytes
        for kept in list(_copies.values())
        for copy in list(kept.values())
        for tile in copy.tiles
    )


def _pack(weight: Float[Tensor, "w e"], form: Form) -> tuple[Float[Tensor, "e _"], ...]:
    scaled = weight.detach() * form.scale
    if form.tile is None:
        return (scaled.t(),)
    return tuple(tile.t().contiguous() for tile in torch.split(scaled, form.tile))


def _mark(weight: Float[Tensor, "w e"]) -> Float[Tensor, " w"]:
    numbers = torch.linspace(1, 2, weight.shape[1], dtype=weight.dtype, device=weight.device)
    return torch.mv(weight.detach(), numbers)
