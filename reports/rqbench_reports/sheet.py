"""Picture sheets: rows of images with labels at the left, pixels enlarged without smoothing."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import matplotlib
import numpy as np
from jaxtyping import UInt8
from numpy import ndarray
from PIL import Image, ImageDraw, ImageFont

TEXT_PX, GAP_PX, MARGIN_PX = 15, 6, 10
INK, SOFT_INK, PAPER = "#111111", "#666666", "#FFFFFF"


@dataclass(frozen=True)
class Strip:
    """One row of a sheet.

    Attributes:
        title: what the pictures are.
        caption: smaller, under the title; lines are broken at "\\n".
        images: already enlarged.
        notes: one for each image, under it; none for all.
    """

    title: str
    caption: str
    images: UInt8[ndarray, "n H W 3"]
    notes: Sequence[str] = ()

    @property
    def height_px(self) -> int:
        height: int = self.images.shape[1]
        return height + (TEXT_PX + 3 if self.notes else 0)


def enlarge(images: UInt8[ndarray, "n H W 3"], scale: int) -> UInt8[ndarray, "n sH sW 3"]:
    """Each pixel as a square of `scale` pixels: nothing is drawn that is not there."""
    return images.repeat(scale, axis=1).repeat(scale, axis=2)


def scale_for(side_px: int, shown_px: int = 192) -> int:
    """The whole factor that brings a picture near `shown_px`; 1 for large pictures."""
    return max(1, round(shown_px / side_px))


def write_sheet(path: Path, title: str, strips: Sequence[Strip]) -> Path:
    """Draw the strips under a title, which may have several lines, and write a PNG."""
    head, small = _font(TEXT_PX, bold=True), _font(TEXT_PX - 2)
    left = 2 * MARGIN_PX + max(
        max(_width(strip.title, head), _width(strip.caption, small)) for strip in strips
    )
    tops = [MARGIN_PX + (2 + title.count("\n")) * (TEXT_PX + 2)]
    for strip in strips:
        tops.append(tops[-1] + strip.height_px + GAP_PX)
    rights = [left + len(strip.images) * (strip.images.shape[2] + GAP_PX) for strip in strips]
    right = max(*rights, 2 * MARGIN_PX + _width(title, head))
    sheet = Image.new("RGB", (right + MARGIN_PX, tops[-1] + MARGIN_PX), PAPER)
    draw = ImageDraw.Draw(sheet)
    draw.text((MARGIN_PX, MARGIN_PX), title, INK, font=head)
    for strip, y in zip(strips, tops, strict=False):
        draw.text((MARGIN_PX, y), strip.title, INK, font=head)
        draw.multiline_text((MARGIN_PX, y + TEXT_PX + 6), strip.caption, SOFT_INK, font=small)
        for column, image in enumerate(strip.images):
            x = left + column * (strip.images.shape[2] + GAP_PX)
            sheet.paste(Image.fromarray(np.ascontiguousarray(image)), (x, y))
            if strip.notes:
                below = x + image.shape[1] / 2, y + image.shape[0]
                draw.text(below, strip.notes[column], INK, font=small, anchor="ma")
    path.parent.mkdir(parents=True, exist_ok=True)
    sheet.save(path)
    return path


def slug(name: str) -> str:
    """A name as part of a file's name."""
    return re.sub(r"[^A-Za-z0-9._-]+", "-", name)


def _font(size_px: int, bold: bool = False) -> ImageFont.FreeTypeFont:
    """DejaVu as matplotlib ships it: the same letters on every machine."""
    name = "DejaVuSans-Bold.ttf" if bold else "DejaVuSans.ttf"
    return ImageFont.truetype(Path(matplotlib.get_data_path()) / "fonts" / "ttf" / name, size_px)


def _width(text: str, font: ImageFont.FreeTypeFont) -> int:
    return max(round(font.getlength(line)) for line in text.split("\n"))
