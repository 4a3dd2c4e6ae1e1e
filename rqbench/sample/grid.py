"""All samples at a glance: one PNG, a row for each class where there are classes."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from einops import rearrange
from jaxtyping import UInt8
from numpy import ndarray
from PIL import Image, ImageDraw, ImageFont

GAP_PX, TEXT_PX, SHOWN_PX = 4, 14, 96
_COLUMNS, _ROWS = 8, 16  # at most; more would be no glance


def shown_places(count: int, num_classes: int | None) -> list[list[int]]:
    """Rows of at most eight images, 128 in all: as they come, or class by class, of each as many
    rows as there is room for."""
    classes = num_classes or 1
    rows_of_each = max(1, _ROWS // classes)
    rows = [
        range(which, count, classes)[row * _COLUMNS : (row + 1) * _COLUMNS]
        for which in range(classes)
        for row in range(rows_of_each)
    ]
    return [list(row) for row in rows if len(row)][:_ROWS]


def write_grid(
    path: Path, rows: Sequence[UInt8[ndarray, "_ H W 3"]], titles: Sequence[str] | None
) -> None:
    """Rows of pictures, enlarged by whole factors, each under its title."""
    font = ImageFont.load_default(TEXT_PX)
    head = TEXT_PX + GAP_PX if titles else 0
    scale = max(1, round(SHOWN_PX / rows[0].shape[1]))
    strips = [_strip(row.repeat(scale, axis=1).repeat(scale, axis=2)) for row in rows]
    width = max(strip.shape[1] for strip in strips)
    tops = [place * (strips[0].shape[0] + head) for place in range(len(strips) + 1)]
    sheet = Image.new("RGB", (width + GAP_PX, tops[-1] + GAP_PX), "white")
    draw = ImageDraw.Draw(sheet)
    for place, (strip, top) in enumerate(zip(strips, tops, strict=False)):
        if titles:
            draw.text((GAP_PX, top), titles[place], "black", font=font)
        sheet.paste(Image.fromarray(strip), (GAP_PX, top + head + (0 if titles else GAP_PX)))
    sheet.save(path)


def _strip(images: UInt8[ndarray, "n H W 3"]) -> UInt8[ndarray, "height width 3"]:
    """Pictures side by side, with a white gap right of and below each."""
    framed = np.pad(images, ((0, 0), (0, GAP_PX), (0, GAP_PX), (0, 0)), constant_values=255)
    return rearrange(framed, "n h w c -> h (n w) c")
