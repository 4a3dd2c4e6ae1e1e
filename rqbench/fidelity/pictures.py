"""Sets of pictures as fidelity scores see them, wherever they lie."""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import UInt8


@dataclass(frozen=True)
class PictureFacts:
    """What is known of one picture besides its pixels.

    Attributes:
        name: unique in its set; of a file the relative path.
        sha256: of the file's bytes; of a row of an array as `ArrayPictures` says.
        format: as Pillow calls it, such as "PNG"; "array" where there is no file.
        mode: as Pillow calls it, such as "RGB" or "LA", before the conversion to RGB.
        label: the class, if there are classes.
        cluster: the photograph that it is a crop of; None where it stands for itself.
    """

    name: str
    sha256: str
    width: int
    height: int
    format: str
    mode: str
    label: str | None
    cluster: str | None = None


@dataclass(frozen=True)
class Decoded:
    """The pixels of one picture, and what they were before the conversion to RGB."""

    pixels: UInt8[np.ndarray, "H W 3"]
    format: str
    mode: str


class Pictures(ABC):
    """Pictures in a fixed order, which threads may read at the same time.

    Attributes:
        name: such as "folder:val"; never a path.
        names, labels: one for each picture.
        clusters: the photograph that each is a crop of; None where each stands for itself. Chance
            moves crops of one photograph together; pictures of one class are independent.
    """

    name: str
    names: Sequence[str]
    labels: Sequence[str | None]
    clusters: Sequence[str] | None = None

    def __len__(self) -> int:
        return len(self.names)

    def called(self, index: int) -> str:
        """One picture and its set, as messages call it: two sets may have pictures of one name."""
        return f"{self.names[index]} of {self.name}"

    @abstractmethod
    def encoded(self, index: int) -> bytes:
        """What one picture's digest is taken of.

        Raises:
            BadImageError: it cannot be read.
        """

    @abstractmethod
    def decode(self, index: int, encoded: bytes) -> Decoded:
        """One picture from its bytes.

        Raises:
            BadImageError: it cannot be used.
        """
