"""Pictures of any size as squares of the model's side, and back.

`tile` keeps every pixel in its place: tiles side by side, the last ones filled up with copies of
the edge. `crop` is how the model was trained: the centre, after the shorter side was resized.
`resize` squeezes the whole picture into one square.
"""

import math
from typing import Literal

import numpy as np
import torch
from einops import rearrange
from jaxtyping import UInt8
from PIL import Image
from torch import Tensor

from ..data.crop import FILTERS, Crop, cut
from ..data.images import planes

Fit = Literal["tile", "crop", "resize"]


def file_name(number: int) -> str:
    """What a picture is called in the end, since a file of codes keeps no names."""
    return f"{number:06d}.png"


def num_tiles(fit: Fit, height: int, width: int, side: int) -> int:
    """Squares that a picture becomes."""
    return math.ceil(height / side) * math.ceil(width / side) if fit == "tile" else 1


def num_pixels(fit: Fit, height: int, width: int, side: int) -> int:
    """Pixels of the picture that its codes stand for: all, or those of the square cut from it."""
    return side * side if fit == "crop" else height * width


def to_tiles(picture: Image.Image, fit: Fit, side: int, name: str) -> UInt8[Tensor, "n 3 s s"]:
    """The squares of a picture, tiles in raster order."""
    if fit == "crop":
        return torch.from_numpy(cut(picture, Crop(resolution=side), name))[None]
    if fit == "resize":
        small = picture.resize((side, side), FILTERS["bilinear"])
        return torch.from_numpy(planes(small))[None]
    pixels = planes(picture)
    below, right = (-length % side for length in pixels.shape[1:])
    whole = np.pad(pixels, ((0, 0), (0, below), (0, right)), mode="edge")
    tiles = rearrange(whole, "c (i h) (j w) -> (i j) c h w", h=side, w=side)
    return torch.from_numpy(np.ascontiguousarray(tiles))


def from_tiles(
    tiles: UInt8[Tensor, "n 3 s s"], fit: Fit, height: int, width: int, restore_size: bool
) -> UInt8[np.ndarray, "H W 3"]:
    """The picture of its decoded squares.

    Args:
        restore_size: stretch what was squeezed; tiles are cut to the true size in any case.
    """
    if fit == "tile":
        columns = math.ceil(width / tiles.shape[-1])
        whole = rearrange(tiles, "(i j) c h w -> (i h) (j w) c", j=columns)
        return whole[:height, :width].contiguous().numpy()
    picture = tiles[0].permute(1, 2, 0).contiguous().numpy()
    if fit == "resize" and restore_size:
        stretched = Image.fromarray(picture).resize((width, height), FILTERS["bilinear"])
        return np.asarray(stretched)
    return picture
