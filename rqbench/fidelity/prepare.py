"""What threads do with pictures before the network sees them: read, digest, decode, resize."""

import hashlib
from collections.abc import Generator, Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Shaped

from ..data.images import BadImageError
from ..errors import DataError
from ..metrics.extractor import Extractor
from ..progress import Progress
from ..read_ahead import in_order
from .chunk_store import Seen
from .pictures import Pictures

MOST_AHEAD_BYTES = 256 * 2**20
"""Of pictures that wait for the network; each thread may have one whatever its size."""

_TOLD = 100
"""Digests between two updates of the bar, each of which takes longer than a digest."""


@dataclass(frozen=True)
class Prepared:
    """A picture as the network takes it.

    Attributes:
        index: its place in the set.
        name: with that of its set, for messages.
        pixels: None where it cannot be used.
    """

    index: int
    name: str
    seen: Seen
    pixels: Shaped[np.ndarray, "H W 3"] | None


def read_digests(pictures: Pictures, threads: int, progress: Progress) -> list[str | BadImageError]:
    """SHA-256 of each picture, or why it cannot be read."""

    def read(index: int) -> str | BadImageError:
        try:
            return _sha256(pictures.encoded(index))
        except BadImageError as error:
            return error

    found = []
    for each in in_order(read, range(len(pictures)), threads, 4 * threads):
        found.append(each)
        if len(found) % _TOLD == 0:
            progress.advance(by=_TOLD)
    return found


def prepare_all(
    pictures: Pictures,
    extractor: Extractor,
    digests: Sequence[str | BadImageError],
    indices: Iterable[int],
    threads: int,
    ahead: int,
) -> Generator[Prepared, None, None]:
    """These pictures in this order, at most `ahead` of them in memory, and fewer where they are
    large.

    Raises:
        DataError: a picture is not what `read_digests` has read.
    """

    largest = 0  # bytes; not known before one is prepared

    def room() -> int:
        return max(threads, min(ahead, MOST_AHEAD_BYTES // largest)) if largest else threads

    def prepare(index: int) -> Prepared:
        nonlocal largest
        name = pictures.called(index)
        try:
            encoded = pictures.encoded(index)
            if _sha256(encoded) != digests[index]:
                raise _changed(name)
            decoded = pictures.decode(index, encoded)
        except BadImageError as error:
            return Prepared(index, name, Seen(fault=error.cause), None)
        height, width, _ = decoded.pixels.shape
        seen = Seen(width, height, decoded.format, decoded.mode)
        pixels = extractor.prepare(decoded.pixels)
        largest = max(largest, pixels.nbytes)
        return Prepared(index, name, seen, pixels)

    return in_order(prepare, indices, threads, room)


def _sha256(encoded: bytes) -> str:
    return hashlib.sha256(encoded).hexdigest()


def _changed(name: str) -> DataError:
    return DataError(
        f"{name} changed while it was measured. Let whatever writes it finish, and start again; "
        "what was measured before is kept."
    )
