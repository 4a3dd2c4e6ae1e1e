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


def uniforms(
    seed: int, image: Int[Tensor, " n"], ordinal: Int[Tensor, " n"]
) -> Float[Tensor, " n"]:
    """Doubles in [0, 1), one for each (seed, image, ordinal)."""
    state = _mix(torch.full_like(image, _wrap(seed), dtype=torch.int64))
    state = _mix(state + (image.long() + 1) * _GOLDEN)
    state = _mix(state + (ordinal.long() + 1) * _GOLDEN)
    return _shift(state, 11).double() * 2.0**-53


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
