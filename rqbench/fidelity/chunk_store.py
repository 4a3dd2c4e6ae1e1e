"""Features on the disk, found again by the content of the pictures that they are of.

Pictures go into chunks. A chunk's key is the digest of its pictures' digests, and its folder lies
in that of the extractor's key; so what is found is right, whatever the files are called now.
"""

import json
import os
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import PIL
from jaxtyping import Float32

from ..errors import DamagedFileError
from ..files import MANIFEST, appearing, check_seal, digest_of, is_sealed, seal
from .feature_set import Arrays, Part

CACHE = "RQBENCH_CACHE"
"""The environment variable that names the cache's folder."""

RULES = f"chunks 1, Pillow {PIL.__version__}"
"""What decides the pixels of a file. The number counts up when we come to decode otherwise."""

MEAN, MOST = 256, 512
"""Pictures in a chunk: about, and at most."""

PICTURES, EXTRACTOR = "pictures", "extractor"
"""Facts in a chunk's manifest."""

_FEATURES, _LOGITS = "features.npy", "logits.npy"


@dataclass(frozen=True)
class Seen:
    """What decoding found of one picture: its size and kind, or why it cannot be used."""

    width: int = 0
    height: int = 0
    format: str = ""
    mode: str = ""
    fault: str = ""


@dataclass(frozen=True)
class Chunk:
    """Some neighbours of a set.

    Attributes:
        seen: one for each picture.
        part: rows of those without a fault.
    """

    seen: Sequence[Seen]
    part: Part


def default_cache() -> Path:
    """RQBENCH_CACHE, or the folder rqbench/features where this user's caches lie."""
    if folder := os.environ.get(CACHE):
        return Path(folder)
    caches = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(caches) / "rqbench" / "features"


def cut(digests: Sequence[str]) -> list[slice]:
    """Chunks of the pictures with these digests, in hexadecimal digits.

    A chunk ends after a picture whose digest says so, one in MEAN, or when it has MOST. So a
    picture that is added or removed changes the chunk around it, and those before and behind stay
    what they were.
    """
    chunks, first = [], 0
    for end, digest in enumerate(digests, start=1):
        if int(digest[:8], 16) % MEAN == 0 or end - first == MOST or end == len(digests):
            chunks.append(slice(first, end))
            first = end
    return chunks


class ChunkStore:
    """Chunks of one extractor's features.

    Args:
        root: the folder of all extractors; it is made where it is not there.
        key: of the extractor, in hexadecimal digits.
        extractor: what people call it; chunks say it to whoever looks into the cache.
    """

    def __init__(self, root: Path, key: str, extractor: str) -> None:
        self.root, self.key, self.extractor = root, key, extractor

    def find(self, digests: Sequence[str]) -> Chunk | None:
        """The chunk of these pictures; one that is damaged is removed."""
        folder = self._folder(digests)
        if not folder.exists():  # another process may be about to put it there
            return None
        try:
            check_seal(folder)
        except DamagedFileError:
            _remove(folder)
            return None
        manifest = json.loads((folder / MANIFEST).read_text())
        return _chunk(folder, [Seen(**values) for values in manifest[PICTURES]])

    def save(
        self,
        digests: Sequence[str],
        seen: Sequence[Seen],
        features: Float32[np.ndarray, "m d"],
        logits: Float32[np.ndarray, "m v"],
    ) -> Chunk:
        """Write a chunk, whole or not at all."""
        folder = self._folder(digests)
        try:
            with appearing(folder) as beside:
                np.save(beside / _FEATURES, features)
                np.save(beside / _LOGITS, logits)
                facts = {PICTURES: [asdict(each) for each in seen], EXTRACTOR: self.extractor}
                seal(beside, [_FEATURES, _LOGITS], facts)
        except OSError:
            if not is_sealed(folder):  # else another process has just written the same
                raise
        return _chunk(folder, seen)

    def _folder(self, digests: Sequence[str]) -> Path:
        key = digest_of([RULES, *digests])
        return self.root / self.key[:16] / key[:2] / key


def _remove(folder: Path) -> None:
    """Take a damaged chunk away at once, so that nobody finds a part of it, nor loses a whole one
    that another process has put in its place meanwhile."""
    with TemporaryDirectory(dir=folder.parent) as aside, suppress(OSError):  # it is gone already
        taken = folder.rename(Path(aside) / folder.name)
        with suppress(DamagedFileError):
            check_seal(taken)
            taken.rename(folder)


def _chunk(folder: Path, seen: Sequence[Seen]) -> Chunk:
    def load() -> Arrays:
        features = np.load(folder / _FEATURES, mmap_mode="r")
        return features, np.load(folder / _LOGITS, mmap_mode="r")

    return Chunk(seen, Part(sum(not each.fault for each in seen), load))
