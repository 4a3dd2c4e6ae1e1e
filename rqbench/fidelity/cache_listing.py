"""What the cache of features holds, and emptying it."""

import json
import re
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..counted import counted
from ..errors import DataError
from ..files import MANIFEST
from .chunk_store import EXTRACTOR, PICTURES

_KEY, _FIRST_OF_KEY = re.compile("[0-9a-f]{16}"), re.compile("[0-9a-f]{2}")
"""Names of a folder of one extractor's chunks, and of all that lies in it."""

_CHUNK = re.compile(r"[0-9a-f]{64}|\.[0-9a-f]{64}\.\d+\.part")
"""A chunk, or what a process that was stopped left of one."""

_UNKNOWN = "unknown"


@dataclass(frozen=True)
class Kept:
    """Features by one extractor, under one way to bring pictures to it.

    Attributes:
        pictures: of all sets; one that is in several chunks counts as often, and none of a chunk
            whose manifest is damaged.
        size_bytes: of all files, what a stopped process left behind included.
    """

    folder: Path
    extractor: str
    pictures: int
    size_bytes: int


def list_cache(cache: Path) -> list[Kept]:
    """The largest first."""
    found = [_kept(folder) for folder in _folders(cache)]
    return sorted(found, key=lambda each: -each.size_bytes)


def clear_cache(cache: Path) -> list[Kept]:
    """Remove all features, and nothing else that may lie there; what was removed.

    Raises:
        DataError: names what could not be removed, after all the rest was.
    """
    found, faults = list_cache(cache), []
    for each in found:
        try:
            shutil.rmtree(each.folder)
        except OSError as error:
            faults.append(str(error))
    if faults:
        raise DataError(
            f"{len(faults)} of {counted(len(found), 'folder')} of features could not be removed: "
            f"{'; '.join(faults)}. Another process may be writing there: let it end, or see that "
            "the folder is yours to change, and clear again."
        )
    return found


def _folders(cache: Path) -> Iterator[Path]:
    """Those that look as `ChunkStore` makes them: whatever else lies in the cache is not ours."""
    for folder in cache.iterdir() if cache.is_dir() else ():
        if _KEY.fullmatch(folder.name) and folder.is_dir() and not folder.is_symlink():
            inside = [path.name for path in folder.iterdir()]
            chunks = (path.name for path in folder.glob("*/*"))
            if all(map(_FIRST_OF_KEY.fullmatch, inside)) and any(map(_CHUNK.fullmatch, chunks)):
                yield folder


def _kept(folder: Path) -> Kept:
    manifests = [_manifest(path) for path in folder.glob(f"*/*/{MANIFEST}")]
    names = {manifest.get(EXTRACTOR, _UNKNOWN) for manifest in manifests} or {_UNKNOWN}
    count = sum(len(manifest.get(PICTURES, ())) for manifest in manifests)
    return Kept(folder, ", ".join(sorted(names)), count, sum(map(_size_bytes, folder.rglob("*"))))


def _manifest(path: Path) -> dict[str, Any]:
    """Nothing of one that is damaged: the cache can be emptied all the same."""
    try:
        values = json.loads(path.read_text())
    except (ValueError, OSError):
        return {}
    return values if isinstance(values, dict) else {}


def _size_bytes(path: Path) -> int:
    try:
        return path.stat().st_size if path.is_file() else 0
    except FileNotFoundError:  # another process has just put it in its place
        return 0
