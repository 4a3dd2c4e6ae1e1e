"""Files that appear whole or not at all, and manifests that say what is complete."""

import hashlib
import json
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from .errors import ConfigError, DamagedFileError

MANIFEST = "manifest.json"


def write_whole(path: Path, write: Callable[[Path], None]) -> None:
    """Let `write` fill a file beside `path`, put it on the disk, then rename it into place; what
    fails leaves nothing."""
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_name(f".{path.name}.part")
    try:
        beside.touch()
        mode = beside.stat().st_mode  # the umask's: safetensors puts a private file in its place
        write(beside)
        beside.chmod(mode)
        with beside.open("rb+") as file:
            os.fsync(file.fileno())
        os.replace(beside, path)
    finally:
        beside.unlink(missing_ok=True)


@contextmanager
def appearing(out: Path) -> Iterator[Path]:
    """A folder beside `out` that takes its place at the end, and goes if anything fails."""
    out = out.resolve()
    new = [folder for folder in out.parents if not folder.exists()]
    beside = out.with_name(f".{out.name}.{os.getpid()}.part")
    beside.mkdir(parents=True)
    try:
        yield beside
        os.rename(beside, out)
    finally:
        with suppress(FileNotFoundError):
            shutil.rmtree(beside)
        with suppress(OSError):  # they hold `out`, or something of others
            for folder in new:
                folder.rmdir()


def check_above(out: Path) -> None:
    """Refuse a place below a file, before work is done for it.

    Raises:
        ConfigError: names the file.
    """
    above = next(parent for parent in out.resolve().parents if parent.exists())
    if not above.is_dir():
        raise ConfigError(f"{out} lies below {above}, which is a file. Choose another --out.")


def check_free(out: Path) -> None:
    """Refuse a place where something is already, before work is done for it.

    Raises:
        ConfigError: names it.
    """
    check_above(out)
    if out.is_file() or (out.is_dir() and any(out.iterdir())):
        raise ConfigError(
            f"{out} is there already. Choose another --out, so that nothing is overwritten."
        )


def write_json(path: Path, value: Any) -> None:
    """Indented JSON with sorted keys, written whole."""
    text = json.dumps(value, indent=2, sort_keys=True) + "\n"
    write_whole(path, lambda beside: _write_text(beside, text))


def _write_text(path: Path, text: str) -> None:
    path.write_text(text)


def sha256_of(path: Path) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while block := file.read(1 << 20):
            digest.update(block)
    return digest.hexdigest()


def seal(folder: Path, names: list[str], facts: dict[str, Any]) -> None:
    """Declare a folder complete: its manifest names each file with its SHA-256."""
    files = {name: sha256_of(folder / name) for name in sorted(names)}
    write_json(folder / MANIFEST, {"files": files, **facts})


def is_sealed(folder: Path) -> bool:
    return (folder / MANIFEST).is_file()


def check_seal(folder: Path) -> None:
    """Compare each file with the manifest.

    Raises:
        DamagedFileError: names the file that is missing or differs.
    """
    manifest = folder / MANIFEST
    try:
        files = json.loads(manifest.read_text())["files"]
    except (ValueError, KeyError, OSError):
        raise DamagedFileError(f"{manifest} cannot be read as a manifest.") from None
    for name, digest in files.items():
        if not (folder / name).is_file():
            raise DamagedFileError(f"{folder / name} is missing.")
        if sha256_of(folder / name) != digest:
            raise DamagedFileError(
                f"{folder / name} is not what was written (its SHA-256 differs)."
            )


def digest_of(value: Any) -> str:
    """SHA-256 of any JSON-like value, whatever the order of its keys."""
    return hashlib.sha256(json.dumps(value, sort_keys=True, default=str).encode()).hexdigest()
