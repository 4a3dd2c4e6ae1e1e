"""Pictures that are rows of one array, in memory or mapped from a file."""

from collections.abc import Sequence

import numpy as np
from jaxtyping import UInt8

from .pictures import Decoded, Pictures


class ArrayPictures(Pictures):
    """Rows of an array of 8-bit RGB pictures.

    The digest of a row is that of the PPM file (P6) which holds the same pixels.
    """

    def __init__(
        self,
        name: str,
        pixels: UInt8[np.ndarray, "n H W 3"],
        labels: Sequence[str | None] | None = None,
        names: Sequence[str] | None = None,
        clusters: Sequence[str] | None = None,
    ) -> None:
        self.name, self.pixels = name, pixels
        self.names = names or [f"row {index}" for index in range(len(pixels))]
        self.labels = labels or [None] * len(pixels)
        self.clusters = clusters

    @property
    def _header(self) -> bytes:
        _, height, width, _ = self.pixels.shape
        return f"P6 {width} {height} 255\n".encode()

    def encoded(self, index: int) -> bytes:
        pixels: bytes = self.pixels[index].tobytes()
        return self._header + pixels

    def decode(self, index: int, encoded: bytes) -> Decoded:
        flat = np.frombuffer(encoded, np.uint8, offset=len(self._header))
        return Decoded(flat.reshape(self.pixels.shape[1:]).copy(), "array", "RGB")
