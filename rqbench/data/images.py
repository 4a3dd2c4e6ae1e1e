"""Reading one image file, whatever its kind, as 8-bit RGB."""

import io
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import numpy as np
import torch
from jaxtyping import UInt8
from PIL import Image, ImageOps, UnidentifiedImageError
from torch import Tensor

from ..errors import DataError

Decoded = TypeVar("Decoded")

MAX_PIXELS = 89_478_485
"""Where Pillow begins to warn of traps: a quarter of a GiB. Larger ones are refused undecoded."""


class BadImageError(DataError):
    """A file that cannot be used; says which one and why, in one line."""

    def __init__(self, name: str, cause: str) -> None:
        super().__init__(name, cause)  # both, so that the error survives pickling
        self.name, self.cause = name, cause

    def __str__(self) -> str:
        return (
            f"{self.name} cannot be used: {self.cause}. Mend or remove it, or pass --skip-bad "
            "(of data in an experiment: skip_bad: true) to leave such files out."
        )


def read_image(source: Path | bytes, name: str | None = None) -> UInt8[Tensor, "3 H W"]:
    """One image file, or its bytes, as 8-bit RGB; see `decode` for the conversions.

    Raises:
        BadImageError: as in `decode`, or a file that cannot be opened.
    """
    name = name or (str(source) if isinstance(source, Path) else "the image")
    encoded = read_bytes(source, name) if isinstance(source, Path) else source
    return torch.from_numpy(planes(decode(encoded, name)))


def read_bytes(path: Path, name: str) -> bytes:
    """The bytes of a file.

    Raises:
        BadImageError: a file that the system does not hand out.
    """
    try:
        return path.read_bytes()
    except OSError as error:
        raise BadImageError(name, (error.strerror or "it cannot be opened").lower()) from None


def decode(encoded: bytes, name: str) -> Image.Image:
    """An RGB picture with 8 bits a channel, upright.

    The EXIF orientation is applied. Greyscale, 1-bit, palette and CMYK pictures are converted by
    Pillow, without colour profiles; 16-bit greyscale is scaled by 255 / 65535; what is transparent
    shows white. Of an animation the first frame counts.

    Raises:
        BadImageError: as in `decode_as`, or pixels without an agreed white (floating point,
            integers past 65535).
    """
    return decode_as(encoded, name, lambda picture: _to_rgb(ImageOps.exif_transpose(picture), name))


def decode_as(encoded: bytes, name: str, convert: Callable[[Image.Image], Decoded]) -> Decoded:
    """What `convert` makes of the picture that a file holds.

    Raises:
        BadImageError: an empty, broken or truncated file, no image at all, or more than MAX_PIXELS.
    """
    if not encoded:
        raise BadImageError(name, "the file is empty")
    try:
        picture = Image.open(io.BytesIO(encoded))
        width, height = picture.size
        if width * height > MAX_PIXELS:
            raise Image.DecompressionBombError
        picture.load()
        return convert(picture)
    except BadImageError:
        raise
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise BadImageError(name, f"it claims more than {MAX_PIXELS:,} pixels") from None
    except UnidentifiedImageError:
        raise BadImageError(name, "it is not an image that Pillow can read") from None
    except Exception as error:  # decoders of broken bytes raise almost anything
        reason = (str(error).splitlines() or [type(error).__name__])[0].rstrip(".")
        raise BadImageError(name, f"it is broken or truncated ({reason})") from None


def planes(picture: Image.Image) -> UInt8[np.ndarray, "3 H W"]:
    """An RGB picture as a contiguous array, channels first."""
    return np.ascontiguousarray(np.asarray(picture).transpose(2, 0, 1))


def _to_rgb(picture: Image.Image, name: str) -> Image.Image:
    if picture.mode == "F":
        raise BadImageError(name, "its pixels are floating point, whose white is not agreed")
    if picture.mode.startswith("I"):  # I;16 and its byte orders; older Pillow reads them as I
        values = np.asarray(picture).astype(np.int64)
        if values.min() < 0 or values.max() > 65535:
            raise BadImageError(name, "its pixels are integers outside 0 to 65535")
        return Image.fromarray(((values + 128) // 257).astype(np.uint8)).convert("RGB")
    if picture.has_transparency_data:
        layer = picture.convert("RGBA")
        white = Image.new("RGBA", layer.size, "white")
        return Image.alpha_composite(white, layer).convert("RGB")
    return picture.convert("RGB")
