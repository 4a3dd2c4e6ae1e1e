"""One array of an npz file, mapped instead of loaded."""

import shutil
import struct
import tempfile
import zipfile
import zlib
from pathlib import Path
from tokenize import TokenError
from typing import BinaryIO

import numpy as np

from ..errors import DataError

_LOCAL_HEADER = struct.Struct("<26x2H")
"""Of a zip member: only the lengths of the name and of the extra field that follow."""

_DAMAGED = zipfile.BadZipFile, zlib.error, RuntimeError, TokenError
"""What damage shows as: RuntimeError of a bit that says encrypted or compressed otherwise,
TokenError of numpy's header."""


def member_names(path: Path) -> list[str]:
    """Names of the arrays of an npz file.

    Raises:
        DataError: no npz file.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            return [name.removesuffix(".npy") for name in archive.namelist()]
    except zipfile.BadZipFile:
        raise DataError(
            f"{path} is no npz file, or a damaged one. Write it with numpy.savez."
        ) from None


def map_member(path: Path, name: str) -> np.ndarray:
    """One array, read-only, without taking the memory that it needs.

    A stored member is mapped where it lies. A deflated one is first unpacked into a file without a
    name in the temporary folder (TMPDIR), which goes when the array goes, or the process.

    Raises:
        DataError: pickled objects, or a member that is not there, is no array, is damaged or cut
            short, or one for which the temporary folder has no room.
    """
    try:
        with zipfile.ZipFile(path) as archive, archive.open(f"{name}.npy") as member:
            info = archive.getinfo(f"{name}.npy")
            if info.compress_type == zipfile.ZIP_STORED:
                with path.open("rb") as whole:
                    return _map(whole, _start(whole, info))
            _check_room(path, name, info.file_size)
            with tempfile.TemporaryFile() as file:
                shutil.copyfileobj(member, file, 1 << 20)
                return _map(file, 0)
    except (KeyError, ValueError, EOFError, *_DAMAGED) as error:
        raise DataError(
            f"{path}: its array {name!r} cannot be read ({error}). Write the file again with "
            "numpy.savez, of plain numbers."
        ) from None


def _check_room(path: Path, name: str, needed_bytes: int) -> None:
    folder = tempfile.gettempdir()
    free_bytes = shutil.disk_usage(folder).free
    if needed_bytes > free_bytes:
        raise DataError(
            f"{path}: its array {name!r} is compressed and takes {needed_bytes / 2**30:.1f} GiB "
            f"unpacked, of which {folder} has {free_bytes / 2**30:.1f} free. Write the file with "
            "numpy.savez instead of numpy.savez_compressed, so that nothing is unpacked, or let "
            "TMPDIR name a folder with more room."
        )


def _start(file: BinaryIO, info: zipfile.ZipInfo) -> int:
    """Where the bytes of a stored member begin in the file."""
    file.seek(info.header_offset)
    name, extra = _LOCAL_HEADER.unpack(file.read(_LOCAL_HEADER.size))
    return info.header_offset + _LOCAL_HEADER.size + int(name + extra)


def _map(file: BinaryIO, start: int) -> np.ndarray:
    """The array whose npy header begins there."""
    file.seek(start)
    is_first = np.lib.format.read_magic(file) == (1, 0)
    read = np.lib.format.read_array_header_1_0 if is_first else np.lib.format.read_array_header_2_0
    shape, is_fortran, dtype = read(file)
    if dtype.hasobject:
        raise ValueError("it holds pickled objects, which can run code when they are read")
    if 0 in shape:
        return np.empty(shape, dtype)  # nothing cannot be mapped
    mapped: np.ndarray = np.memmap(file, dtype, "r", file.tell(), shape, "F" if is_fortran else "C")
    return mapped
