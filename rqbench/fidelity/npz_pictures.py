"""The pictures of an npz file in guided-diffusion's layout: arr_0, and perhaps classes in arr_1."""

from pathlib import Path

import numpy as np
from jaxtyping import UInt8

from ..errors import DataError
from .array_pictures import ArrayPictures
from .npz_member import map_member, member_names
from .statistics_file import POOLED

PIXELS, LABELS = "arr_0", "arr_1"


def npz_pictures(path: Path, name: str | None = None) -> ArrayPictures:
    """Its pictures, mapped instead of loaded.

    Raises:
        DataError: another layout.
    """
    names = member_names(path)
    if PIXELS not in names:
        raise DataError(
            f"{path} has no {PIXELS}; it holds {', '.join(names) or 'nothing'}.{_other(names)} "
            f"Pictures are expected as {PIXELS}, 8-bit, of the shape (n, height, width, 3)."
        )
    pixels = _checked_pixels(map_member(path, PIXELS), path)
    labels = _labels(path, len(pixels)) if LABELS in names else None
    return ArrayPictures(name or f"npz:{path.name}", pixels, labels)


def _other(names: list[str]) -> str:
    lacking = [name for name in POOLED if name not in names]
    if not lacking:
        return " These are statistics, with no pictures in them."
    if len(lacking) == len(POOLED):
        return ""
    return f" Of statistics {lacking[0]} is missing: they are {' and '.join(POOLED)}."


def _checked_pixels(pixels: np.ndarray, path: Path) -> UInt8[np.ndarray, "n H W 3"]:
    if pixels.dtype == np.uint8 and pixels.ndim == 4 and pixels.shape[3] == 3 and len(pixels):
        return pixels
    channels_first = pixels.ndim == 4 and pixels.shape[1] == 3
    mend = (
        "Move the channels to the end with .transpose(0, 2, 3, 1)."
        if channels_first
        else "Write 8-bit pixels in 0 to 255, three channels, at least one picture."
    )
    raise DataError(
        f"{path}: {PIXELS} is {pixels.dtype} of the shape {pixels.shape}, and pictures are uint8 "
        f"of the shape (n, height, width, 3). {mend}"
    )


def _labels(path: Path, count: int) -> list[str]:
    labels = map_member(path, LABELS)
    if labels.shape != (count,) or not np.issubdtype(labels.dtype, np.integer):
        raise DataError(
            f"{path}: {LABELS} is {labels.dtype} of the shape {labels.shape}, and classes are one "
            f"integer for each of the {count} pictures. Leave it out, or write these."
        )
    return [str(label) for label in labels.tolist()]
