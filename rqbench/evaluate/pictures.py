"""The pictures of a folder, read ahead by threads while others are measured."""

import hashlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from jaxtyping import UInt8

from ..data.crop import Crop, cut
from ..data.folder import EXTENSIONS, list_images
from ..data.images import BadImageError, decode, read_bytes
from ..errors import DataError
from ..read_ahead import in_order


@dataclass(frozen=True)
class Picture:
    """One picture, ready to be measured.

    Attributes:
        name: relative path of its file.
        pixels: UInt8[3 H W].
        sha256: of the file.
    """

    name: str
    pixels: UInt8[np.ndarray, "3 H W"]
    sha256: str


@dataclass
class Pictures:
    """Files to measure, and what came of reading them.

    Attributes:
        root: the folder of the files.
        name: such as "folder:val"; never a path.
        skipped: one line for each file that was left out.
        digests: SHA-256 of each file that was read.
    """

    root: Path
    name: str
    names: Sequence[str]
    skipped: list[str] = field(default_factory=list)
    digests: list[str] = field(default_factory=list)

    @property
    def digest(self) -> str:
        """Of the contents of all files that were read, whatever they are called."""
        return hashlib.sha256("\n".join(sorted(self.digests)).encode()).hexdigest()

    def read(
        self, crop: Crop, check: Callable[[Picture], None], skip_bad: bool, threads: int, ahead: int
    ) -> Iterator[Picture]:
        """One after the other, at most `ahead` of them in memory.

        Args:
            check: raises BadImageError for a picture that the model cannot take.

        Raises:
            BadImageError: a file that cannot be used, unless such are skipped.
        """

        def read(name: str) -> Picture | BadImageError:
            try:
                encoded = read_bytes(self.root / name, name)
                pixels = cut(decode(encoded, name), crop, name)
                picture = Picture(name, pixels, hashlib.sha256(encoded).hexdigest())
                check(picture)
            except BadImageError as error:
                return error
            return picture

        for read_one in in_order(read, self.names, threads, ahead):
            if isinstance(read_one, BadImageError):
                if not skip_bad:
                    raise read_one
                self.skipped.append(f"{read_one.name}: {read_one.cause}")
                continue
            self.digests.append(read_one.sha256)
            yield read_one


def find_pictures(source: Path, num: int | None = None) -> Pictures:
    """All image files below a folder, or one file.

    Args:
        num: so many of them at most, evenly spaced in the order of their names, so that no class is
            preferred.

    Raises:
        DataError: nothing there.
    """
    if source.is_file():
        return Pictures(source.parent, f"file:{source.name}", [source.name])
    if not source.is_dir():
        raise DataError(f"{source} is neither a folder of images nor an image file.")
    names = list_images(source)
    if not names:
        raise DataError(
            f"{source} holds no images, in sub-folders neither. Looked for files that end in "
            f"{' '.join(EXTENSIONS)}."
        )
    count = len(names) if num is None else min(num, len(names))
    chosen = [names[place * len(names) // count] for place in range(count)]
    return Pictures(source, f"folder:{source.resolve().name}", chosen)


def batches(pictures: Iterable[Picture], size: int) -> Iterator[list[Picture]]:
    """Neighbours of one size, at most so many together."""
    batch: list[Picture] = []
    for picture in pictures:
        if batch and (len(batch) == size or picture.pixels.shape != batch[0].pixels.shape):
            yield batch
            batch = []
        batch.append(picture)
    if batch:
        yield batch
