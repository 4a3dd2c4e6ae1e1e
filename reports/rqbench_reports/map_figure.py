"""Maps over greyed pictures: colours tell the values, light and dark the picture beneath."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from textwrap import fill

import matplotlib
import numpy as np
from jaxtyping import Float, Integer, Real, UInt8
from matplotlib.cm import ScalarMappable
from matplotlib.collections import LineCollection
from matplotlib.colors import ListedColormap, Normalize
from matplotlib.figure import Figure
from numpy import ndarray

from rqbench.api import GRAY_WEIGHTS

from .figure import PAGE_IN, panels

MAPS = 6
"""As many stand beside the pictures where the figure is as wide as a page."""

PICTURE = 0.35
"""The share of the greyed picture in what is drawn over it."""


@dataclass(frozen=True)
class Map:
    """One column of a figure.

    Attributes:
        values: Float[n h w], bits per pixel or root mean squared error.
        grain_map: whose borders are drawn over it.
    """

    title: str
    is_rate: bool
    values: Float[ndarray, "n h w"]
    grain_map: Integer[ndarray, "n r c"] | None = None

    def of(self, rows: Integer[ndarray, " m"]) -> "Map":
        """The same of some of the pictures."""
        grain_map = None if self.grain_map is None else self.grain_map[rows]
        return replace(self, values=self.values[rows], grain_map=grain_map)


def scale(maps: Sequence[Map], is_rate: bool) -> ScalarMappable:
    """One scale for all maps of a kind; a hundredth of the cells may lie above its end."""
    values = np.concatenate([each.values.ravel() for each in maps if each.is_rate == is_rate])
    colours = matplotlib.colormaps["viridis" if is_rate else "magma"](np.linspace(0, 1, 256))[:, :3]
    over_gray = (1 - PICTURE) * colours + PICTURE / 2
    top = float(np.quantile(values, 0.99)) or 1.0
    return ScalarMappable(Normalize(0, top), ListedColormap(over_gray))


def draw_maps(
    originals: UInt8[ndarray, "n H W 3"],
    maps: Sequence[Map],
    scales: Mapping[bool, ScalarMappable],
    note: str,
) -> Figure:
    """A row for each picture and a column for each map.

    Args:
        scales: of rates (True) and of errors.
        note: stands above.
    """
    rows, height, width = originals.shape[:3]
    side = PAGE_IN / (1 + MAPS)
    page = side * (1 + len(maps))
    note = fill(note, round(17 * page))
    figure, axes = panels(1, 1 + len(maps), page, rows * side + 1.1 + 0.12 * note.count("\n"))
    for axis, title in zip(axes, ["original", *(each.title for each in maps)], strict=True):
        axis.set_axis_off()
        axis.set_title(title, fontsize=6.3)
    axes[0].imshow(_stacked(originals))
    gray = originals @ np.array(GRAY_WEIGHTS) / 255
    for axis, each in zip(axes[1:], maps, strict=True):
        axis.imshow(_stacked(_draped(gray, each.values, scales[each.is_rate])))
        for row, grains in enumerate([] if each.grain_map is None else each.grain_map):
            lines = borders(grains, height, width, top=row * (height + _gap(height)))
            axis.add_collection(LineCollection(list(lines), colors="white", lw=0.5))
    half = (len(axes) + 1) // 2
    for is_rate, above in ((True, axes[:half]), (False, axes[half:])):
        bar = figure.colorbar(
            scales[is_rate], ax=above, location="bottom", extend="max", aspect=10 * len(above),
            pad=0.02,
        )  # fmt: skip
        label = "bits per pixel" if is_rate else "root mean squared error (of 255)"
        bar.set_label(label, fontsize=7)
        bar.outline.set_visible(False)
    figure.suptitle(note, fontsize=7, color="#555555", x=0.01, ha="left")
    return figure


def _gap(height: int) -> int:
    """Pixels between pictures."""
    return max(1, height // 16)


def _stacked(pictures: Real[ndarray, "n H W 3"]) -> Real[ndarray, "all W 3"]:
    """One below the other, with gaps."""
    white = 255 if pictures.dtype == np.uint8 else 1
    rows = _gap(pictures.shape[1])
    parted = np.pad(pictures, ((0, 0), (0, rows), (0, 0), (0, 0)), constant_values=white)
    return parted.reshape(-1, *pictures.shape[2:])[:-rows]


def _draped(
    gray: Float[ndarray, "n H W"], values: Float[ndarray, "n h w"], scale: ScalarMappable
) -> Float[ndarray, "n H W 3"]:
    """Colours for the values, lighter and darker as the pictures are."""
    tall, wide = gray.shape[1] // values.shape[1], gray.shape[2] // values.shape[2]
    flat = scale.to_rgba(values.reshape(len(values), -1))[..., :3]
    colours = flat.reshape(*values.shape, 3).repeat(tall, axis=1).repeat(wide, axis=2)
    return np.clip(colours + PICTURE * (gray[..., None] - 0.5), 0, 1)


def borders(
    grains: Integer[ndarray, "r c"], height: int, width: int, top: int
) -> Float[ndarray, "lines 2 2"]:
    """Lines from (x, y) to (x, y) between regions of different grains, on a picture of this size.

    The centre of its first pixel is at x = 0, y = top.
    """
    tall, wide = height / grains.shape[0], width / grains.shape[1]
    upright = np.argwhere(grains[:, 1:] != grains[:, :-1])[:, None] + [(0, 1), (1, 1)]
    level = np.argwhere(grains[1:] != grains[:-1])[:, None] + [(1, 0), (1, 1)]
    lines: ndarray = np.concatenate([upright, level])[..., ::-1] * (wide, tall)
    lines += (-0.5, top - 0.5)
    return lines
