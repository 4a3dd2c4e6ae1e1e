"""Features and logits of a set of pictures, which lie on the disk and not in memory.

Axes: n pictures, d features, v logits, m chosen rows.
"""

import hashlib
import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

import numpy as np
from jaxtyping import Float32, Int

from .pictures import PictureFacts

Arrays = tuple[Float32[np.ndarray, "m d"], Float32[np.ndarray, "m v"]]

_GATHERED = 1024
"""Rows that are copied at a time."""


@dataclass(frozen=True)
class Part:
    """Some neighbours. `load` maps their features and logits anew each time: an open map takes one
    of the few files that a process may hold open."""

    count: int
    load: Callable[[], Arrays]


class FeatureSet:
    """Features and logits of n pictures in order.

    Attributes:
        n, dim, num_classes: lengths of the axes n, d and v.
        facts: one for each picture.
        skipped: one line for each picture that was left out.
    """

    def __init__(
        self,
        parts: Sequence[Part],
        facts: Sequence[PictureFacts],
        skipped: Sequence[str] = (),
        rows: Int[np.ndarray, " n"] | None = None,
        scratch: Path | None = None,
    ) -> None:
        """
        Args:
            parts: all that there is, at least one.
            facts: of the chosen rows.
            rows: the chosen ones, of all parts together; None for all.
            scratch: the folder of what is gathered; None for the temporary one.
        """
        self.parts, self.facts, self.skipped = list(parts), list(facts), list(skipped)
        self._scratch = scratch
        self._ends = np.cumsum([part.count for part in parts])
        self._rows = np.arange(self._ends[-1]) if rows is None else rows
        features, logits = parts[0].load()
        self.n, self.dim, self.num_classes = len(self._rows), features.shape[1], logits.shape[1]
        assert len(self.facts) == self.n

    @classmethod
    def of_arrays(
        cls,
        features: Float32[np.ndarray, "n d"],
        logits: Float32[np.ndarray, "n v"],
        facts: Sequence[PictureFacts],
        skipped: Sequence[str] = (),
    ) -> "FeatureSet":
        """Of arrays in memory, or mapped."""
        return cls([Part(len(features), lambda: (features, logits))], facts, skipped)

    def __len__(self) -> int:
        return self.n

    @property
    def digest(self) -> str:
        """SHA-256 of the contents of all pictures, whatever their order and names."""
        each = sorted(fact.sha256 for fact in self.facts)
        return hashlib.sha256("\n".join(each).encode()).hexdigest()

    @property
    def clusters(self) -> list[str] | None:
        """The photograph of each picture, several of one; None where each stands for itself."""
        found = [fact.cluster for fact in self.facts if fact.cluster is not None]
        return found if len(found) == self.n > len(set(found)) else None

    @property
    def is_finite(self) -> bool:
        """Whether all features and logits are; each is looked at anew."""
        blocks = self.blocks(_GATHERED)
        return all(np.isfinite(array).all() for block in blocks for array in block)

    def features(self) -> Float32[np.ndarray, "n d"]:
        """All features, in a file without a name that is mapped: the system takes back its memory
        where it needs it."""
        return self._gathered[0]

    def logits(self) -> Float32[np.ndarray, "n v"]:
        """All logits, as `features`."""
        return self._gathered[1]

    def blocks(self, size: int) -> Iterator[Arrays]:
        """Features and logits of at most `size` neighbours at a time, copied into memory."""
        for first in range(0, self.n, size):
            yield self._read(self._rows[first : first + size])

    def subset(self, indices: Int[np.ndarray, " m"]) -> "FeatureSet":
        """Some of the pictures, in the order that is asked for; one may come several times."""
        facts = [self.facts[index] for index in indices.tolist()]
        return FeatureSet(self.parts, facts, self.skipped, self._rows[indices], self._scratch)

    def of_photographs(self, clusters: Sequence[str]) -> "FeatureSet":
        """The same pictures, said to be of these photographs."""
        named = zip(self.facts, clusters, strict=True)
        facts = [replace(fact, cluster=cluster) for fact, cluster in named]
        return FeatureSet(self.parts, facts, self.skipped, self._rows, self._scratch)

    @cached_property
    def _gathered(self) -> Arrays:
        features = _mapped(self.n, self.dim, self._scratch)
        logits = _mapped(self.n, self.num_classes, self._scratch)
        for number, (some, others) in enumerate(self.blocks(_GATHERED)):
            place = slice(number * _GATHERED, (number + 1) * _GATHERED)
            features[place], logits[place] = some, others
        return features, logits

    def _read(self, rows: Int[np.ndarray, " m"]) -> Arrays:
        part_of = np.searchsorted(self._ends, rows, side="right")
        features = np.empty((len(rows), self.dim), np.float32)
        logits = np.empty((len(rows), self.num_classes), np.float32)
        for number in np.unique(part_of):
            part, here = self.parts[number], part_of == number
            inside = rows[here] - (self._ends[number] - part.count)
            some, others = part.load()
            features[here], logits[here] = some[inside], others[inside]
        return features, logits


def _mapped(count: int, width: int, folder: Path | None) -> Float32[np.ndarray, "{count} {width}"]:
    """An array in a file that goes with it."""
    if count * width == 0:
        return np.empty((count, width), np.float32)  # nothing cannot be mapped
    with tempfile.TemporaryFile(dir=folder) as file:
        return np.memmap(file, np.float32, "w+", shape=(count, width))
