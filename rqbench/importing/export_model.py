"""The way back: an imported model as its project would have saved it."""

import json
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from ..checkpoint import save_tensors
from ..errors import ConfigError
from ..files import write_whole
from ..models import ORIGIN, SYSTEM, load_model
from ..plugins import find
from .importer import Importer


def export_model(folder: Path | str, importer: str | None = None) -> dict[str, Tensor]:
    """The state dict in the names and shapes of the project that a model folder came from, bit for
    bit but for what was left out.

    Keys have no prefix; those of a system that came from one file have the file's.

    Args:
        importer: by whose names; needed for a model that was not imported.

    Raises:
        ConfigError: no imported model, or a system of two files.
    """
    folder = Path(folder)
    if not (folder / SYSTEM).is_file():
        return _export_one(folder, importer or _origin(folder)["importer"]["name"])
    parts = [folder / "tokenizer", folder / "prior"]
    origins = [_origin(part) for part in parts]
    if origins[0]["source"]["file"] != origins[1]["source"]["file"]:
        raise ConfigError(
            f"{folder} came from two files. Export {parts[0]} and {parts[1]} one by one."
        )
    return {
        origin["prefix"] + key: value
        for part, origin in zip(parts, origins, strict=True)
        for key, value in _export_one(part, origin["importer"]["name"]).items()
    }


def write_state(path: Path, state: dict[str, Tensor]) -> None:
    """Write a state dict as safetensors or, by its suffix, as torch.save does, below `state_dict`.

    Raises:
        ConfigError: another suffix, or something is there.
    """
    if path.exists():
        raise ConfigError(f"{path} is there already. Choose another file with --out.")
    if path.suffix == ".safetensors":
        save_tensors(path, state, {})
    elif path.suffix in (".pt", ".ckpt"):
        write_whole(path, lambda beside: torch.save({"state_dict": state}, beside))
    else:
        raise ConfigError(f"{path} must end with .safetensors, .pt or .ckpt.")


def _export_one(folder: Path, name: str) -> dict[str, Tensor]:
    importer: Importer = find("importer", name).load()()
    model = load_model(folder)
    return importer.keys(model).export(model.state_dict())


def _origin(folder: Path) -> dict[str, Any]:
    try:
        origin: dict[str, Any] = json.loads((folder / ORIGIN).read_text())
    except FileNotFoundError:
        raise ConfigError(
            f"{folder} was not imported: it has no {ORIGIN}. Name the importer whose names it is "
            "to get (--importer)."
        ) from None
    return origin
