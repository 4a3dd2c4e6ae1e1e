"""The way back: an imported model as its project would have saved it."""

import json
from pathlib import Path
from typing import Any

from torch import Tensor

from ..errors import ConfigError
from ..models import CONFIG, ORIGIN, SYSTEM, load_model
from ..plugins import find
from .importer import Importer


def export_model(folder: Path | str, importer: str | None = None) -> dict[str, Tensor]:
    """The state dict in the names and shapes of the project that a model folder came from, bit for
    bit but for what was left out.

    Keys have the prefix of their file. Those of a tokenizer alone have none, as in its own
    checkpoint.

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
        return _export_one(folder, importer) if importer else _as_published(folder, is_alone=True)
    if importer is not None or is_of_two_files(folder):
        why = "came from two files" if importer is None else "has two models, each with an importer"
        raise ConfigError(
            f"{folder} {why}. Export both into one folder (`rqbench export {folder} --out DIR`), "
            f"or one: `rqbench export {folder / 'tokenizer'} --out FILE.pt`, `rqbench export "
            f"{folder / 'prior'} --out FILE.pt`."
        )
    return _as_published(folder / "tokenizer") | _as_published(folder / "prior")


def is_of_two_files(folder: Path) -> bool:
    """Whether it is a system of which each model came from a file of its own."""
    if not (folder / SYSTEM).is_file():
        return False
    first, second = (_origin(folder / part)["source"]["file"] for part in ("tokenizer", "prior"))
    return bool(first != second)


def _as_published(folder: Path, is_alone: bool = False) -> dict[str, Tensor]:
    """With the prefix of its file, but for a tokenizer alone: its own checkpoints have none."""
    origin = _origin(folder)
    prefix = "" if is_alone and origin["kind"] == "tokenizer" else origin["prefix"]
    state = _export_one(folder, origin["importer"]["name"])
    return {prefix + key: value for key, value in state.items()}


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
