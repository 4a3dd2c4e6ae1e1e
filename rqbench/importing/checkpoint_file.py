"""Reading a checkpoint without running anything that it holds."""

import pickle
import pickletools
import re
import zipfile
from collections import deque
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file

from ..errors import CheckpointError
from . import inert_pickle
from .file_kind import AGAIN, kind_of

MOST_NAMED = 6


def read_checkpoint(path: Path, trust: bool = False) -> Any:
    """The object that a file holds, tensors on the CPU and mapped from the file where torch can.

    Args:
        trust: run the code that comes with its Python objects; classes that are not installed
            become inert. Without it nothing of the file is ever run.

    Raises:
        CheckpointError: no checkpoint, a damaged one, or Python objects without `trust`.
    """
    kind = kind_of(path)
    if kind == "safetensors":
        return _read_safetensors(path)
    if kind == "zip" and not trust:
        _refuse_objects(path, _objects_in(path))
    mapped = kind == "zip" and _is_stored(path)
    try:
        if trust:
            return torch.load(
                str(path), "cpu", pickle_module=inert_pickle, weights_only=False, mmap=mapped
            )
        return torch.load(str(path), "cpu", weights_only=True, mmap=mapped)
    except pickle.UnpicklingError as error:
        found = re.findall(r"(?:GLOBAL|class|function) ([\w.]+\.\w+)", str(error))
        if "Weights only" in str(error) and found and (kind == "zip" or _is_whole(path)):
            _refuse_objects(path, found[:1])
        raise CheckpointError(_damaged(path, error)) from None
    except (Exception, SystemExit) as error:  # damaged pickles fail in any way
        raise CheckpointError(_damaged(path, error)) from None


def _read_safetensors(path: Path) -> Any:
    try:
        return load_file(path)
    except (SafetensorError, OSError, ValueError) as error:
        raise CheckpointError(_damaged(path, error)) from None


def _objects_in(path: Path) -> list[str]:
    """What a zip's pickle names beside tensors, in full."""
    try:
        return torch.serialization.get_unsafe_globals_in_checkpoint(str(path))
    except Exception as error:
        raise CheckpointError(_damaged(path, error)) from None


def _refuse_objects(path: Path, classes: list[str]) -> None:
    if not classes:
        return
    names = sorted(classes)
    more = f" and {len(names) - MOST_NAMED} more" if len(names) > MOST_NAMED else ""
    raise CheckpointError(
        f"{path} holds Python objects beside its tensors: {', '.join(names[:MOST_NAMED])}{more}. "
        "Loading them runs code that the file names. If it is from a source that you trust, add "
        "--trust (in Python: trust=True)."
    )


def _is_whole(path: Path) -> bool:
    """Whether all pickles of the old format are there: a cut in a name makes it another name."""
    try:
        with path.open("rb") as file:
            for _ in range(4):  # magic number, version, system, and what was saved
                deque(pickletools.genops(file), maxlen=0)
    except Exception:  # whatever a cut pickle leads to
        return False
    return True


def _is_stored(path: Path) -> bool:
    """Whether nothing in the zip is compressed, so that tensors lie in it as they are."""
    with zipfile.ZipFile(path) as archive:
        return all(entry.compress_type == zipfile.ZIP_STORED for entry in archive.infolist())


def _damaged(path: Path, error: BaseException) -> str:
    said = " ".join(str(error).split()).partition(". ")[0][:200]
    return f"{path} is cut short or damaged: {type(error).__name__}: {said}. {AGAIN}."
