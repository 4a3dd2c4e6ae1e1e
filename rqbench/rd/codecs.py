"""Classical codecs of the installed Pillow: one picture to the bytes of a file, and back."""

import io
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
from jaxtyping import UInt8
from PIL import Image

from ..data.images import planes
from ..errors import UnsupportedError

MIN_SIDE = 256
"""Below it tables and headers are most of a file, and a codec says nothing about pictures."""


@dataclass(frozen=True)
class Codec:
    """How a codec is called and asked.

    Attributes:
        format: Pillow's name of it.
        chroma: which of the colour samples are kept.
        qualities: of a sweep, from few bits to many, in the codec's own scale.
        options: of every file, beside its quality.
    """

    name: str
    format: str
    chroma: str
    qualities: tuple[int, ...]
    options: tuple[tuple[str, Any], ...] = ()

    def encode(self, pixels: UInt8[np.ndarray, "3 H W"], quality: int) -> bytes:
        return _encode(self, Image.fromarray(pixels.transpose(1, 2, 0)), quality)

    def container_bytes(self, size_px: tuple[int, int], quality: int) -> int:
        """About what a file spends whatever it shows: the size of the file of one grey.

        Signature, headers, tables and an index stand in it, and next to no picture. It is an
        estimate from below: a picture may need longer tables than one colour does.

        Args:
            size_px: width and height.
        """
        return _container_bytes(self, size_px, quality)


def decode(encoded: bytes) -> UInt8[np.ndarray, "3 H W"]:
    with Image.open(io.BytesIO(encoded)) as picture:
        return planes(picture.convert("RGB"))


CODECS = (
    Codec(
        "JPEG", "JPEG", "4:2:0", (5, 10, 20, 35, 50, 70, 85, 95),
        (("subsampling", "4:2:0"), ("optimize", True)),
    ),
    Codec("WebP", "WEBP", "4:2:0", (0, 5, 15, 30, 50, 70, 85, 95), (("method", 6),)),
    Codec("AVIF", "AVIF", "4:2:0", (5, 15, 25, 35, 50, 65, 80, 90), (("subsampling", "4:2:0"),)),
    Codec("JPEG XL", "JXL", "4:4:4", (5, 15, 30, 45, 60, 75, 85, 95)),
)  # fmt: skip


def installed_codecs() -> list[Codec]:
    """Those that this Pillow, with the plug-ins that are loaded, can write."""
    Image.init()
    return [codec for codec in CODECS if codec.format in Image.SAVE]


def absent_codecs() -> list[str]:
    """The names of the others."""
    present = installed_codecs()
    return [codec.name for codec in CODECS if codec not in present]


def check_side(pixels: UInt8[np.ndarray, "3 H W"], name: str) -> None:
    """Refuse pictures on which a file is mostly container.

    Raises:
        UnsupportedError: names the picture.
    """
    height, width = pixels.shape[1:]
    if min(height, width) < MIN_SIDE:
        raise UnsupportedError(
            f"{name} is measured at {width} x {height} pixels. Classical codecs are measured at "
            f"{MIN_SIDE} pixels a side and more, since headers are most of a smaller file. Leave "
            "out --codecs, or measure larger ones: data.resolution of a run, --resolution of "
            "`rqbench evaluate`."
        )


def _encode(codec: Codec, picture: Image.Image, quality: int) -> bytes:
    file = io.BytesIO()
    picture.save(file, codec.format, quality=quality, **dict(codec.options))
    return file.getvalue()


@lru_cache(maxsize=256)  # pictures of one size come by the thousand
def _container_bytes(codec: Codec, size_px: tuple[int, int], quality: int) -> int:
    return len(_encode(codec, Image.new("RGB", size_px, (128, 128, 128)), quality))
