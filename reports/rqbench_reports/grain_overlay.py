"""A grain map drawn over its photograph: finer regions tinted, outlines where the grain changes."""

import numpy as np
from jaxtyping import Float, Integer, UInt8
from numpy import ndarray

FINE_TINT = np.array((255, 140, 0))
MEDIAN_TINT = np.array((0, 90, 255))
OUTLINE = np.array((255, 255, 255))
STRENGTH = 0.38


def overlay(
    images: UInt8[ndarray, "n H W 3"],
    grain_map: Integer[ndarray, "n r c"],
    num_grains: int,
    width_px: int = 1,
) -> UInt8[ndarray, "n H W 3"]:
    """Tint each region by its grain and outline it where a neighbour has another one.

    Grain 0, the coarsest, keeps its colours; the finest of all grains is orange, whether or not
    the images have any of it, and those between go from blue to orange.

    Args:
        images: H and W are multiples of r and c.
        grain_map: as recorded, 0 the coarsest.
        num_grains: of the layout, two at least.
        width_px: of the outline.
    """
    grains = spread(grain_map, images.shape[1], images.shape[2])
    share = STRENGTH * (grains > 0)[..., None]
    tinted: ndarray = images * (1 - share) + _tints(num_grains - 1)[grains] * share
    tinted[_edges(grains, width_px)] = OUTLINE
    return tinted.round().astype(np.uint8)


def spread(
    grain_map: Integer[ndarray, "n r c"], height_px: int, width_px: int
) -> Integer[ndarray, "n H W"]:
    """The grain of each pixel."""
    rows, columns = grain_map.shape[1:]
    return grain_map.repeat(height_px // rows, axis=1).repeat(width_px // columns, axis=2)


def _tints(finest: int) -> Float[ndarray, "grains 3"]:
    """One colour a grain; that of grain 0 is not used."""
    share = np.linspace(0, 1, finest)[:, None] if finest > 1 else np.ones((1, 1))
    finer = MEDIAN_TINT * (1 - share) + FINE_TINT * share
    return np.concatenate([np.zeros((1, 3)), finer])


def _edges(grains: Integer[ndarray, "n H W"], width_px: int) -> ndarray:
    """Pixels within `width_px` of a change of grain, on its left and upper side."""
    edges = np.zeros(grains.shape, dtype=bool)
    for step in range(1, width_px + 1):
        edges[:, :-step] |= grains[:, step:] != grains[:, :-step]
        edges[:, :, :-step] |= grains[:, :, step:] != grains[:, :, :-step]
    return edges
