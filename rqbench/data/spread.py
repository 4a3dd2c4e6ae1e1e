"""Places for held-out crops: not flat, far apart, evenly spread."""

from collections.abc import Sequence

import numpy as np
from jaxtyping import Bool, Float, UInt8
from numpy.lib.stride_tricks import sliding_window_view

FLAT = 2.0
"""A crop in which no channel's standard deviation reaches this (of 255) is flat, as the border of a
fundus photograph is, and teaches and measures nothing."""

SAMPLES = 16
"""The standard deviation is taken over about this many pixels squared of each crop."""


def contrast(
    crops: UInt8[np.ndarray, "3 *places H W"], resolution: int
) -> Float[np.ndarray, "*places"]:
    """The largest standard deviation among the three channels, in steps of 255."""
    stride = max(1, resolution // SAMPLES)
    deviation: Float[np.ndarray, "3 *places"] = crops[..., ::stride, ::stride].std(axis=(-2, -1))
    return np.asarray(deviation.max(axis=0))


def open_places(
    picture: UInt8[np.ndarray, "3 H W"], resolution: int
) -> Bool[np.ndarray, "rows columns"]:
    """Where a crop that is not flat can stand, on a grid an eighth of the resolution wide."""
    step = resolution // 8
    crops = sliding_window_view(picture, (resolution, resolution), axis=(1, 2))
    return contrast(crops[:, ::step, ::step], resolution) >= FLAT


def choose_places(
    is_open: Bool[np.ndarray, "rows columns"], count: int, resolution: int
) -> list[tuple[int, int]]:
    """`count` of the open places as (top, left) in pixels.

    They stand side by side where there is room for all, else they overlap by a half, by three
    quarters, at last by seven eighths.
    """
    for stride in (8, 4, 2, 1):
        places = np.argwhere(is_open[::stride, ::stride]) * stride * (resolution // 8)
        if len(places) >= count:
            break
    return [
        (int(top), int(left))
        for top, left in (places[nth * len(places) // count] for nth in range(count))
    ]


def share_out(total: int, rooms: Sequence[int]) -> list[int]:
    """Shares of a total as even as each one's room allows; all that there is where it is less."""
    shares = [0] * len(rooms)
    for _ in range(min(total, sum(rooms))):
        taker = min(
            (nth for nth, room in enumerate(rooms) if shares[nth] < room), key=shares.__getitem__
        )
        shares[taker] += 1
    return shares
