"""A grain map drawn over its photograph: fine regions tinted, outlines where the grain changes."""

import numpy as np
from jaxtyping import Integer, UInt8
from numpy import ndarray

TINT = np.array((255, 140, 0))
OUTLINE = np.array((255, 255, 255))
STRENGTH = 0.38


def overlay(
    images: UInt8[ndarray, "n H W 3"], grain_map: Integer[ndarray, "n r c"], width_px: int = 1
) -> UInt8[ndarray, "n H W 3"]:
    """Tint each region by its grain and outline it where a neighbour has another one.

    Grain 0, the coarsest, keeps its colours; the finest grain on the sheet takes the full tint, and
    those between take their share of it.

    Args:
        images: H and W are multiples of r and c.
        grain_map: as recorded, 0 the coarsest.
        width_px: of the outline.
    """
    grains = spread(grain_map, images.shape[1], images.shape[2])
    share = STRENGTH * grains / max(int(grain_map.max()), 1)
    tinted = images * (1 - share[..., None]) + TINT * share[..., None]
    tinted[_edges(grains, width_px)] = OUTLINE
    return tinted.round().astype(np.uint8)


def spread(
    grain_map: Integer[ndarray, "n r c"], height_px: int, width_px: int
) -> Integer[ndarray, "n H W"]:
    """The grain of each pixel."""
    rows, columns = grain_map.shape[1:]
    return grain_map.repeat(height_px // rows, axis=1).repeat(width_px // columns, axis=2)


def _edges(grains: Integer[ndarray, "n H W"], width_px: int) -> ndarray:
    """Pixels within `width_px` of a change of grain, on its left and upper side."""
    edges = np.zeros(grains.shape, dtype=bool)
    for step in range(1, width_px + 1):
        edges[:, :-step] |= grains[:, step:] != grains[:, :-step]
        edges[:, :, :-step] |= grains[:, :, step:] != grains[:, :, :-step]
    return edges
