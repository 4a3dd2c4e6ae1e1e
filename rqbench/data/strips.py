"""Cutting a photograph into a part for training and a strip that training never sees."""

from dataclasses import dataclass
from typing import Literal

Side = Literal["left", "right", "top", "bottom"]

SHARE = 0.25
"""The strip's part of the photograph's width (or height, at the top or the bottom)."""

GUARD_PX = 24
"""Source pixels between the two parts, in neither. JPEG blends colours within blocks of 16 pixels
and, where it enlarges them, a pixel or two beyond; no such block reaches across."""


@dataclass(frozen=True)
class Box:
    """Source pixels: columns left to right - 1, rows top to bottom - 1."""

    left: int
    top: int
    right: int
    bottom: int

    @property
    def size(self) -> tuple[int, int]:
        """Width and height."""
        return self.right - self.left, self.bottom - self.top

    @property
    def edges(self) -> tuple[int, int, int, int]:
        """In the order that Pillow's `crop` takes."""
        return self.left, self.top, self.right, self.bottom


def split_photo(width: int, height: int, side: Side, resolution: int) -> tuple[Box, Box]:
    """The training box and the held-out box of a photograph, GUARD_PX apart.

    The strip takes SHARE of the photograph, more where a crop of the resolution needs more, and
    never more than half.
    """
    along = width if side in ("left", "right") else height
    strip = min(max(round(SHARE * along), resolution), (along - GUARD_PX) // 2)
    cut = strip + GUARD_PX
    match side:
        case "left":
            return Box(cut, 0, width, height), Box(0, 0, strip, height)
        case "right":
            return Box(0, 0, width - cut, height), Box(width - strip, 0, width, height)
        case "top":
            return Box(0, cut, width, height), Box(0, 0, width, strip)
        case "bottom":
            return Box(0, 0, width, height - cut), Box(0, height - strip, width, height)


def level_sizes(
    size: tuple[int, int], scales: tuple[float, ...], resolution: int
) -> list[tuple[int, int]]:
    """The (width, height) that a box is resized to, one for each scale at which a crop fits.

    Where none fits, the one size whose shorter side is the resolution.
    """
    sizes = [(round(size[0] / scale), round(size[1] / scale)) for scale in scales]
    fitting = [level for level in sizes if min(level) >= resolution]
    return fitting or [fit_shorter_side(size, resolution)]


def fit_shorter_side(size: tuple[int, int], resolution: int) -> tuple[int, int]:
    """The (width, height) of the same shape whose shorter side is the resolution."""
    shorter = min(size)
    width, height = (round(side * resolution / shorter) for side in size)
    return width, height
