"""What a downloaded file is, by its first bytes, before torch sees it."""

import struct
import zipfile
import zlib
from pathlib import Path
from typing import Literal

from ..errors import CheckpointError

Kind = Literal["zip", "legacy", "safetensors"]
"""torch.save's format, its format before torch 1.6, and safetensors."""

HEAD = 8192
LONGEST_HEADER = 100 << 20  # safetensors' own limit
MOST_UNPACKED = 100
"""Times its size that a zip may hold; weights that somebody packed shrink by less than two."""

TORCH_MAGIC = b"l\xfc\x9cF\xf9 j\xa8P\x19"
"""The number that a file of torch.save's old format begins with, as pickles write it."""

FOREIGN = {
    b"\x93NUMPY": "an array of NumPy",
    b"\x89HDF": "an HDF5 file, as Keras writes it",
    b"GGUF": "a GGUF file",
    b"\x89PNG": "a picture",
    b"\xff\xd8\xff": "a picture",
    b"%PDF": "a PDF document",
}
PACKED = {
    b"\x1f\x8b": "tar xzf",
    b"BZh": "tar xjf",
    b"\xfd7zXZ": "tar xJf",
    b"\x28\xb5\x2f\xfd": "tar --zstd -xf",
    b"7z\xbc\xaf": "7z x",
}
AGAIN = "Download it again"


def kind_of(path: Path) -> Kind:
    """Which of the formats that hold weights a file is in.

    Raises:
        CheckpointError: none of them, or a damaged one; says what it is instead.
    """
    if not path.is_file():
        raise CheckpointError(f"There is no file {path}. Name a checkpoint or its folder.")
    with path.open("rb") as file:
        head = file.read(HEAD)
    if not head:
        raise CheckpointError(f"{path} is empty. {AGAIN}; the download did not begin.")
    if head.startswith(b"PK"):
        _check_zip(path)
        return "zip"
    if _is_safetensors(path, head):
        return "safetensors"
    if head.startswith(b"\x80"):
        _check_pickle(path, head)
        return "legacy"
    raise CheckpointError(f"{path} is no checkpoint: {_what_else(path, head)}")


def _check_zip(path: Path) -> None:
    try:
        with zipfile.ZipFile(path) as archive:
            names = [name.partition("/")[2] or name for name in archive.namelist()]
            if any(name.startswith("code/") for name in names):
                raise CheckpointError(
                    f"{path} is a TorchScript archive: a program, not weights by name. Save the "
                    "state_dict of the model that it was made from."
                )
            if "data.pkl" not in names:
                raise CheckpointError(_other_zip(path, names))
            _check_unpacked(path, archive)
            damaged = archive.testzip()
    except (zipfile.BadZipFile, zlib.error, EOFError, RuntimeError) as error:  # one is: encrypted
        raise CheckpointError(
            f"{path} is cut short or damaged: it begins as a file of torch.save, and cannot be "
            f"read as one ({error}). {AGAIN}."
        ) from None
    if damaged:
        raise CheckpointError(
            f"{path} is damaged: {damaged} in it is not what was saved (its checksum differs). "
            f"{AGAIN}."
        )


def _check_unpacked(path: Path, archive: zipfile.ZipFile) -> None:
    """Refuse what would fill the memory: torch.save packs nothing."""
    unpacked, packed = sum(entry.file_size for entry in archive.infolist()), path.stat().st_size
    if unpacked > MOST_UNPACKED * packed:
        raise CheckpointError(
            f"{path} of {packed / 1e6:,.1f} MB would unpack to {unpacked / 1e6:,.1f} MB, as no "
            "checkpoint does. If you trust it, read it with torch.load and save it again."
        )


def _other_zip(path: Path, names: list[str]) -> str:
    if all(name.endswith(".npy") for name in names):
        return f"{path} is an NPZ file of NumPy arrays, and no checkpoint of torch."
    shown = ", ".join(names[:3]) or "nothing"
    return (
        f"{path} is a zip archive, and no checkpoint of torch: it holds {shown}. If that is a "
        f"checkpoint, unpack it (unzip {path.name}) and import the folder."
    )


def _is_safetensors(path: Path, head: bytes) -> bool:
    """Whether it begins as safetensors: the header's length in eight bytes, then JSON."""
    if len(head) < 9 or head[8:9] != b"{":
        return False
    (length,) = struct.unpack("<Q", head[:8])
    return bool(length <= LONGEST_HEADER)


def _check_pickle(path: Path, head: bytes) -> None:
    if TORCH_MAGIC not in head[:32]:
        raise CheckpointError(
            f"{path} is a pickle that torch.save did not write. Load it where you trust it, and "
            "save its tensors with torch.save."
        )


def _what_else(path: Path, head: bytes) -> str:
    """What a file without weights is, and what to do."""
    start = head.lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if start.startswith(b"version https://git-lfs"):
        return "it is a pointer of Git LFS, in place of the file. Fetch the file: git lfs pull."
    if start.startswith((b"<!doctype html", b"<html")) or b"<html" in head[:1024].lower():
        return (
            "it is an HTML page, such as a log-in, quota or error page, saved under its name. "
            f"{AGAIN} where you are logged in, or in a browser."
        )
    for magic, name in FOREIGN.items():
        if head.startswith(magic):
            return f"it is {name}."
    for magic, command in PACKED.items():
        if head.startswith(magic):
            return f"it is packed. Unpack it ({command} {path.name}) and import the folder."
    if head[257:262] == b"ustar":
        return f"it is a tar archive. Unpack it (tar xf {path.name}) and import the folder."
    if head[:1] == b"\x08" and (b"onnx" in head[:64] or b"pytorch" in head[:64]):
        return "it is an ONNX file: a program, not weights by name. Import the model it came from."
    if text := _as_text(head):
        return (
            f"it is {_text_kind(start)}, which begins {text!r}. {AGAIN} if that is a server's "
            "answer; a config goes with --config."
        )
    return f"it begins with the bytes {head[:8].hex(' ')}, as no checkpoint does. {AGAIN}."


def _as_text(head: bytes) -> str:
    """The beginning of a text in one line; empty where the bytes are no text."""
    text = head.decode("utf-8", errors="ignore")
    is_whole = len(head) - len(text.encode()) <= 3  # the last letter may be cut
    if not is_whole or not all(letter.isprintable() or letter.isspace() for letter in text):
        return ""
    return " ".join(text.split())[:60]


def _text_kind(start: bytes) -> str:
    if start.startswith(b"<"):
        return "XML"
    return "JSON" if start.startswith((b"{", b"[")) else "text"
