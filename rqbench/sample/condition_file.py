"""Conditions from a file: a caption's tokens, or the codes of another picture, one row each."""

import hashlib
from pathlib import Path
from zipfile import BadZipFile

import numpy as np
import torch
from jaxtyping import Int
from safetensors import SafetensorError
from safetensors.numpy import load_file
from torch import Tensor

from ..errors import ConfigError

NAME = "condition"
"""Which array counts in a file of several."""


def read_conditions(path: Path) -> Int[Tensor, "m c"]:
    """The integers of an .npy, .npz or .safetensors file; further axes are read in their order.

    Raises:
        ConfigError: no such file, several arrays of which none is called "condition", or no
            integers in rows.
    """
    array = _read(path)
    if array.ndim < 1 or array.dtype.kind not in "iu":
        raise ConfigError(
            f"{path} holds numbers of type {array.dtype} and shape {array.shape}. Conditions are "
            "integers, one row a condition."
        )
    if not array.size:
        raise ConfigError(f"{path} holds no conditions: its array has the shape {array.shape}.")
    return torch.from_numpy(array.astype(np.int64).reshape(len(array), -1))


def digest_of_conditions(conditions: Int[Tensor, "m c"]) -> str:
    return hashlib.sha256(conditions.numpy().tobytes() + str(conditions.shape).encode()).hexdigest()


def _read(path: Path) -> "np.ndarray[tuple[int, ...], np.dtype[np.generic]]":
    try:
        if path.suffix == ".npy":
            whole: np.ndarray[tuple[int, ...], np.dtype[np.generic]] = np.load(path)
            return whole
        if path.suffix == ".safetensors":
            arrays = load_file(path)
        elif path.suffix == ".npz":
            with path.open("rb") as opened, np.load(opened) as file:
                arrays = dict(file)
        else:
            raise ConfigError(
                f"{path}: conditions are read from .npy, .npz and .safetensors files."
            )
    except (OSError, ValueError, EOFError, BadZipFile, SafetensorError) as error:
        said = str(error).splitlines()[0].partition(". ")[0].rstrip(".")
        raise ConfigError(f"{path} cannot be read: {said}.") from None
    if not arrays:
        raise ConfigError(f"{path} holds no array, and conditions are one, a row a condition.")
    if len(arrays) > 1 and NAME not in arrays:
        raise ConfigError(
            f"{path} holds {len(arrays)} arrays ({', '.join(arrays)}). Call the one that counts "
            f"{NAME!r}, or leave the others out."
        )
    return arrays.get(NAME, next(iter(arrays.values())))
