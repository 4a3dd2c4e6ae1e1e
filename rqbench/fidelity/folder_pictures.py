"""The image files of a folder."""

from pathlib import Path, PurePosixPath

import numpy as np
from PIL import Image

from ..data.folder import EXTENSIONS, list_images
from ..data.images import BadImageError, decode_as, read_bytes
from ..errors import DataError
from .pictures import Decoded, Pictures


class FolderPictures(Pictures):
    """All image files below a folder; the first sub-folder is the class.

    They come in the plain order of their relative paths, the order in which torch-fidelity and
    clean-fid read them too: the splits and subsets that a seed draws depend on it.

    Raises:
        DataError: no image files there.
    """

    def __init__(self, root: Path, name: str | None = None) -> None:
        self.root, self.name = root, name or f"folder:{root.resolve().name}"
        self.names = list_images(root)
        if not self.names:
            raise DataError(
                f"{root} holds no images, in sub-folders neither. Looked for files that end in "
                f"{' '.join(EXTENSIONS)}."
            )
        parts = [PurePosixPath(name).parts for name in self.names]
        self.labels = [path[0] if len(path) > 1 else None for path in parts]

    def encoded(self, index: int) -> bytes:
        return read_bytes(self.root / self.names[index], self.names[index])

    def decode(self, index: int, encoded: bytes) -> Decoded:
        name = self.names[index]
        return decode_as(encoded, name, lambda picture: _decoded(picture, name))


def _decoded(picture: Image.Image, name: str) -> Decoded:
    """As torch-fidelity and clean-fid convert: what is transparent shows its colour, and nothing is
    turned upright. More than 8 bits they would cut off at white, so such files are refused."""
    if picture.mode == "F" or picture.mode.startswith("I"):
        raise BadImageError(
            name, f"its pixels have more than 8 bits (mode {picture.mode}); save it with 8"
        )
    has_clear_colours = picture.mode == "P" and "transparency" in picture.info
    opaque = picture.convert("RGBA") if has_clear_colours else picture  # else Pillow warns
    return Decoded(np.array(opaque.convert("RGB")), picture.format or "unknown", picture.mode)
