"""Encoded images in a fixed order, and the check that all of them can be used."""

import hashlib
from abc import ABC, abstractmethod
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool, Int64

from .images import BadImageError, decode

SMALLEST_PART = 4
"""A picture is enlarged at most this many times; a smaller one is refused."""

BLOCK = 64
"""Files that one thread takes at a time."""


class Collection(ABC):
    """Where encoded images come from: a folder, or a table.

    Attributes:
        name: such as "folder:flowers".
        names: of each image, for messages; no absolute paths.
        labels, class_names: both or neither.
        is_held_out: the collection's own split; None where it has none.
    """

    name: str
    names: tuple[str, ...]
    labels: Int64[np.ndarray, " n"] | None
    class_names: tuple[str, ...] | None
    is_held_out: Bool[np.ndarray, " n"] | None

    @abstractmethod
    def read(self, index: int) -> bytes:
        """The encoded bytes of one image.

        Raises:
            BadImageError: they cannot be had.
        """


@dataclass(frozen=True)
class Examined:
    """The SHA-256 of one image's bytes, or the fault for which it cannot be used."""

    digest: str = ""
    fault: str = ""


def examine(collection: Collection, resolution: int, threads: int) -> list[Examined]:
    """Read and decode every image once, in order.

    Opening a data set takes as long as this does; in return training meets no bad file in the
    middle, and what is left out does not depend on which crops were drawn.
    """
    count = len(collection.names)

    def block(first: int) -> list[Examined]:
        indices = range(first, min(first + BLOCK, count))
        return [_examine_one(collection, index, resolution) for index in indices]

    with ThreadPoolExecutor(threads) as pool:  # Pillow decodes outside the interpreter lock
        return _flat(pool.map(block, range(0, count, BLOCK)))


def _examine_one(collection: Collection, index: int, resolution: int) -> Examined:
    name = collection.names[index]
    try:
        encoded = collection.read(index)
        width, height = decode(encoded, name).size
    except BadImageError as error:
        return Examined(fault=error.cause)
    smallest = -(-resolution // SMALLEST_PART)
    if min(width, height) < smallest:
        return Examined(
            fault=f"{width} x {height} pixels are too small for crops of {resolution} "
            f"(the shorter side must be {smallest} or more)"
        )
    return Examined(hashlib.sha256(encoded).hexdigest())


def _flat(blocks: Iterable[list[Examined]]) -> list[Examined]:
    return [item for items in blocks for item in items]


def hold_out(digests: list[str], share: float) -> Bool[np.ndarray, " n"]:
    """Which images to hold out: about a share of them, those with the smallest SHA-256.

    So the choice depends on content alone, and equal files are never on both sides. At least one
    is held out where there is any.
    """
    ranked = sorted(digests)
    held_out = set(ranked[: max(1, round(share * len(ranked)))])
    return np.array([digest in held_out for digest in digests], dtype=np.bool_)
