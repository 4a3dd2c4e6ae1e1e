"""A folder of images as a collection."""

import os
from collections.abc import Sequence
from pathlib import Path, PurePosixPath

import numpy as np
from jaxtyping import Int64

from ..errors import DataError, did_you_mean
from .collection import Collection
from .images import read_bytes

EXTENSIONS = (
    ".avif",
    ".bmp",
    ".gif",
    ".jpeg",
    ".jpg",
    ".pgm",
    ".png",
    ".ppm",
    ".tif",
    ".tiff",
    ".webp",
)

TRAINING = "train"
HELD_OUT = ("test", "validation", "val")
"""Names of the held-out sub-folder beside `train`; the first that holds images counts."""


class Folder(Collection):
    """All image files below a folder, by relative path.

    With a sub-folder `train` beside one of HELD_OUT, these two are the split and everything else is
    left alone. Below that, the first sub-folder is the class. Hidden files and folders are no data.

    Args:
        root: the folder.
        labels: take classes from sub-folders, where all files lie in some.

    Raises:
        DataError: no such folder, no images in it, classes for some files only, or a held-out class
            that training lacks.
    """

    def __init__(self, root: Path, labels: bool) -> None:
        if not root.is_dir():
            raise DataError(
                f"Data source {str(root)!r} is neither 'photos', nor 'hf:NAME', nor a folder that "
                f"exists.{did_you_mean(str(root), ['photos'])} Name yours with --set "
                "data.source=PATH."
            )
        self.root, self.name = root, f"folder:{root.resolve().name}"
        paths = [PurePosixPath(name) for name in list_images(root)]
        if not paths:
            raise DataError(
                f"{self.name} holds no images, in sub-folders neither. Looked for files that "
                f"end in {' '.join(EXTENSIONS)}."
            )
        tops = {path.parts[0] for path in paths if len(path.parts) > 1}
        held_out = next((name for name in HELD_OUT if name in tops), None)
        if TRAINING in tops and held_out is not None:
            paths = [path for path in paths if path.parts[0] in (TRAINING, held_out)]
            self.is_held_out = np.array([path.parts[0] == held_out for path in paths])
            below = [path.parts[1:] for path in paths]
        else:
            self.is_held_out, below = None, [path.parts for path in paths]
        self.names = tuple(map(str, paths))
        self.class_names, self.labels = None, None
        if labels and any(len(parts) > 1 for parts in below):
            self.class_names, self.labels = self._classes(below)

    def read(self, index: int) -> bytes:
        return read_bytes(self.root / self.names[index], self.names[index])

    def _classes(
        self, below: Sequence[tuple[str, ...]]
    ) -> tuple[tuple[str, ...], Int64[np.ndarray, " n"]]:
        for name, parts in zip(self.names, below, strict=True):
            if len(parts) == 1:
                raise DataError(
                    f"{self.name} has class sub-folders, but {name} lies in none. Move it into "
                    "one, or set data.labels to false."
                )
        classes = tuple(sorted({parts[0] for parts in below}))
        numbers = {name: number for number, name in enumerate(classes)}
        labels = np.array([numbers[parts[0]] for parts in below], dtype=np.int64)
        if self.is_held_out is not None:
            strange = set(labels[self.is_held_out]) - set(labels[~self.is_held_out])
            if strange:
                raise DataError(
                    f"{self.name} has the held-out class {classes[min(strange)]!r}, which training "
                    "lacks. Add training images of it, or set data.labels to false."
                )
        return classes, labels


def list_images(root: Path) -> list[str]:
    """Relative paths of the image files below a folder, with `/`, sorted."""
    found = []
    for folder, inner, files in os.walk(root):
        inner[:] = [name for name in inner if not name.startswith(".")]
        found += [
            (Path(folder) / name).relative_to(root).as_posix()
            for name in files
            if not name.startswith(".") and Path(name).suffix.lower() in EXTENSIONS
        ]
    return sorted(found)
