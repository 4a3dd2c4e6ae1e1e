"""Signs that the pictures of one set are made from those of another, one by one."""

from collections.abc import Sequence

import numpy as np
from jaxtyping import Float, UInt8

_SIDE = 8  # of what a picture is cut down to before it is compared
_NEARER = 0.25  # pictures of one class in one order come to a half


def look_paired(
    first: Sequence[UInt8[np.ndarray, "_ _ 3"]], second: Sequence[UInt8[np.ndarray, "_ _ 3"]]
) -> bool:
    """Whether the distance to pictures at the same place is less than a quarter of that to those at
    the next place, in the median; as of reconstructions, and not of samples.

    Args:
        first, second: equally many, in the same order. Of fewer than three nothing is seen.
    """
    if len(first) != len(second) or len(first) < 3:
        return False
    ours, theirs = (np.stack([_small(picture) for picture in each]) for each in (first, second))
    same, other = (
        np.median(np.abs(ours - moved).mean(axis=(1, 2, 3)))
        for moved in (theirs, np.roll(theirs, 1, axis=0))
    )
    return bool(same < _NEARER * other)


def _small(picture: UInt8[np.ndarray, "_ _ 3"]) -> Float[np.ndarray, "_ _ 3"]:
    """Means over cells, of which there are 8 a side, or as many as there are pixels."""
    for axis in (0, 1):
        length = picture.shape[axis]
        starts = np.linspace(0, length, min(_SIDE, length), endpoint=False).astype(int)
        counts = np.diff(starts, append=length)
        shape = [-1 if place == axis else 1 for place in range(3)]
        picture = np.add.reduceat(picture.astype(np.float64), starts, axis) / counts.reshape(shape)
    return picture
