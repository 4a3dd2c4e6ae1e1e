"""Places for held-out crops: not flat, far apart, evenly spread."""

from collections.abc import Sequence

import numpy as np
from jaxtyping import Bool, Float, Int, UInt8
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
    stride = _stride(resolution)
    deviation: Float[np.ndarray, "3 *places"] = crops[..., ::stride, ::stride].std(axis=(-2, -1))
    return np.asarray(deviation.max(axis=0))


def open_places(
    picture: UInt8[np.ndarray, "3 H W"], resolution: int
) -> Bool[np.ndarray, "rows columns"]:
    """Where a crop that is not flat can stand, on a grid an eighth of the resolution wide.

    As by `contrast`, though from sums, which crops that overlap share.
    """
    values = picture.astype(np.int64)
    count = len(range(0, resolution, _stride(resolution))) ** 2
    scaled = count * _sums(values**2, resolution) - _sums(values, resolution) ** 2
    return np.asarray(scaled.max(axis=0) >= (FLAT * count) ** 2)  # count² times the variance


def _stride(resolution: int) -> int:
    return max(1, resolution // SAMPLES)


def _sums(values: Int[np.ndarray, "3 H W"], resolution: int) -> Int[np.ndarray, "3 rows columns"]:
    """Over the samples of the crop at each place of the grid: down, then across."""
    for _ in range(2):
        lines = sliding_window_view(values, resolution, axis=1)[:, :: resolution // 8]
        values = lines[..., :: _stride(resolution)].sum(axis=-1).swapaxes(1, 2)
    return values


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
