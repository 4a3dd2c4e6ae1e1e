"""The way back: an imported model as its project would have saved it."""

import json
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from ..checkpoint import save_tensors
from ..errors import ConfigError
from ..files import check_above, write_whole
from ..models import CONFIG, ORIGIN, SYSTEM, load_model
from ..plugins import find
from .importer import Importer


def export_model(folder: Path | str, importer: str | None = None) -> dict[str, Tensor]:
    """The state dict in the names and shapes of the project that a model folder came from, bit for
    bit but for what was left out.

    Keys have no prefix; those of a system that came from one file have the file's.

    Args:
        importer: by whose names; needed for a model that was not imported.

    Raises:
        ConfigError: no imported model, a system of two files, or an importer of other models.
    """
    folder = Path(folder)
    if not any((folder / name).is_file() for name in (SYSTEM, CONFIG)):
        raise ConfigError(
            f"{folder} is no model folder. Name one that `rqbench import` wrote, or of a run one "
            "of its `stages/tokenizer-...` and `stages/prior-...`."
        )
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
    check_above(path)
    if path.exists():
        raise ConfigError(f"{path} is there already. Choose another file with --out.")
    if path.suffix == ".safetensors":
        save_tensors(path, state, {})
    elif path.suffix in (".pt", ".ckpt"):
        try:
            write_whole(path, lambda beside: torch.save({"state_dict": state}, beside))
        except RuntimeError as error:  # what torch makes of an OSError
            raise OSError(f"{path} cannot be written: {error}. Is the disk full?") from None
    else:
        raise ConfigError(f"{path} must end with .safetensors, .pt or .ckpt.")


def _export_one(folder: Path, name: str) -> dict[str, Tensor]:
    importer: Importer = find("importer", name).load()()
    model = load_model(folder)
    try:
        return importer.keys(model).export(model.state_dict())
    except (KeyError, AttributeError, AssertionError):  # ties of another model than this
        raise ConfigError(
            f"{folder} has no form in {importer.project}: the importer {name!r} knows another "
            "model, or this one has parts or options that were never published there. `rqbench "
            "presets` shows settings that were."
        ) from None


def _origin(folder: Path) -> dict[str, Any]:
    try:
        origin: dict[str, Any] = json.loads((folder / ORIGIN).read_text())
    except FileNotFoundError:
        raise ConfigError(
            f"{folder} was not imported: it has no {ORIGIN}. Name the importer whose names it is "
            "to get (--importer)."
        ) from None
    return origin
