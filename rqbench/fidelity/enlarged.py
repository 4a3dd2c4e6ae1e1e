"""Signs in its pixels that a picture was enlarged: no fine detail, or every pixel twice."""

from collections.abc import Sequence

import numpy as np
from jaxtyping import UInt8

_CUTOFF = (
    0.27  # cycles a pixel: what twofold enlargement by a smooth filter leaves empty, and a bit
)
_LEAST_SIDE = 16


def fine_share(picture: UInt8[np.ndarray, "H W 3"]) -> float:
    """The share of a picture's spectral power above 0.27 cycles a pixel, along either axis.

    Of the mean of the three channels less its own mean, under a Hann window. Measured on crops of
    photographs: 0.017 to 0.027 as they are, 0.0005 to 0.005 when enlarged twofold.

    Returns:
        nan for a picture of one colour, which has no detail at any scale.
    """
    gray = picture.astype(np.float64).mean(axis=2)
    window = np.outer(*(np.hanning(side) for side in gray.shape))
    power = np.abs(np.fft.fft2((gray - gray.mean()) * window)) ** 2
    down, across = (np.abs(np.fft.fftfreq(side)) > _CUTOFF for side in gray.shape)
    total = power.sum()
    return float(power[down[:, None] | across].sum() / total) if total > 1e-9 else float("nan")


def is_doubled(picture: UInt8[np.ndarray, "H W 3"]) -> bool:
    """Whether each second column equals the one before it, and the columns between do not."""
    columns = picture[:, : picture.shape[1] // 2 * 2].astype(np.int16)
    steps = (np.diff(columns, axis=1) == 0).all(axis=2)
    return bool(steps[:, ::2].all()) and not bool(steps[:, 1::2].all())


def fine_shares(pictures: Sequence[UInt8[np.ndarray, "_ _ 3"]]) -> list[float]:
    """Of each picture with at least 16 px a side that has any detail."""
    shares = [fine_share(each) for each in pictures if min(each.shape[:2]) >= _LEAST_SIDE]
    return [share for share in shares if not np.isnan(share)]
