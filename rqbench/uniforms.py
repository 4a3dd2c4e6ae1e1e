"""One uniform number for each symbol, from a counter and not from a stream.

The generator is SplitMix64's finalizer (Steele, Lea, Flood 2014) applied to (seed, image, ordinal)
in wrapping 64-bit integer tensor operations, so that CPU and CUDA give the same bits and neither
order nor batch can matter.
"""

import torch
from jaxtyping import Float, Int
from torch import Tensor

_GOLDEN = -7046029254386353131  # 0x9E3779B97F4A7C15 as a signed integer
_MIX_1 = -4658895280553007687  # 0xBF58476D1CE4E5B9
_MIX_2 = -7723592293110705685  # 0x94D049BB133111EB

AT_ONCE = 256
"""Uniforms of an image that `UniformRows` makes together."""


def uniforms(
    seed: int, image: Int[Tensor, " n"], ordinal: Int[Tensor, " n"]
) -> Float[Tensor, " n"]:
    """Doubles in [0, 1), one for each (seed, image, ordinal)."""
    state = _mix(torch.full_like(image, _wrap(seed), dtype=torch.int64))
    state = _mix(state + (image.long() + 1) * _GOLDEN)
    state = _mix(state + (ordinal.long() + 1) * _GOLDEN)
    return _shift(state, 11).double() * 2.0**-53


class UniformRows:
    """`uniforms` of some images that follow each other, made for many calls at once. Each call an
    image draws one symbol or none."""

    def __init__(self, seed: int, first_image: int, num_images: int) -> None:
        self.seed, self.first, self.num_images, self.calls = seed, first_image, num_images, 0
        self.table = torch.empty(num_images, 0, dtype=torch.float64)

    def __call__(self, image: Int[Tensor, " n"], ordinal: Int[Tensor, " n"]) -> Float[Tensor, " n"]:
        if self.calls == self.table.shape[1]:  # no ordinal is larger than the number of calls
            self._lengthen(image.device)
        self.calls += 1
        return self.table[image - self.first, ordinal]

    def _lengthen(self, device: torch.device) -> None:
        known, num = self.table.shape[1], self.num_images
        image = torch.arange(self.first, self.first + num, device=device)[:, None]
        ordinal = torch.arange(known, known + AT_ONCE, device=device).repeat(num)
        drawn = uniforms(self.seed, image.expand(-1, AT_ONCE).flatten(), ordinal)
        self.table = torch.cat([self.table.to(device), drawn.view(num, AT_ONCE)], dim=1)


def _mix(state: Tensor) -> Tensor:
    state = (state ^ _shift(state, 30)) * _MIX_1
    state = (state ^ _shift(state, 27)) * _MIX_2
    return state ^ _shift(state, 31)


def _shift(state: Tensor, bits: int) -> Tensor:
    """Logical shift to the right; torch's own copies the sign."""
    return (state >> bits) & ((1 << (64 - bits)) - 1)


def _wrap(seed: int) -> int:
    """An integer of any size as a signed 64-bit one."""
    return (seed + 2**63) % 2**64 - 2**63
