"""Model folders: a tokenizer or prior with everything needed to build it again."""

import dataclasses
import hashlib
import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from safetensors import safe_open
from torch import Tensor, nn

from .checkpoint import load_tensors, save_tensors
from .condition_spec import ConditionSpec
from .config import parse_config
from .errors import ConfigError, DamagedFileError
from .files import check_seal, is_sealed, sha256_of, write_json
from .image_range import refuse_other_ranges
from .layout import CodeLayout
from .plugins import Plugin, find
from .prior import Prior
from .seed import derive_seed
from .tokenizer import Tokenizer
from .unfilled import Unfilled

WEIGHTS, CONFIG = "model.safetensors", "model.json"
SYSTEM = "system.json"
"""In a folder that holds the model folders of a tokenizer and a prior."""

ORIGIN = "origin.json"
"""In the model folder of an imported model: where it came from, and its published sampling."""


def build_tokenizer(
    type_name: str, config: Mapping[str, Any], where: str, seed: int = 0
) -> Tokenizer:
    """A tokenizer with fresh weights drawn from the seed.

    Raises:
        UnknownPluginError, ConfigError: see `plugins.find` and `config.parse_config`.
    """
    cls = find("tokenizer", type_name).load()
    parsed = parse_config(cls.Config, config, where)
    torch.manual_seed(derive_seed(seed, "weights"))
    tokenizer: Tokenizer = cls(parsed)
    return tokenizer


def build_prior(
    type_name: str,
    config: Mapping[str, Any],
    layout: CodeLayout,
    codebook: Tensor | None,
    condition: ConditionSpec | None,
    where: str,
    seed: int = 0,
) -> Prior:
    """A prior with fresh weights drawn from the seed, for one layout.

    Raises:
        ConfigError: a prior that cannot model the layout.
    """
    cls = find("prior", type_name).load()
    if not cls.supports(layout):
        raise ConfigError(
            f"{where}: the prior {type_name!r} models {cls.models}, and the codes are {layout}."
        )
    parsed = parse_config(cls.Config, config, where)
    torch.manual_seed(derive_seed(seed, "weights"))
    prior: Prior = cls(parsed, layout, codebook, condition)
    return prior


def save_model(
    folder: Path,
    kind: str,
    type_name: str,
    model: Tokenizer | Prior,
    codebook: Tensor | None = None,
    resolution: int | None = None,
) -> list[str]:
    """Write weights and description; the names of the files.

    A prior's codebook is written beside its weights, because it is an argument of its constructor.

    Args:
        resolution: of a tokenizer, side in pixels of the images that it was made for, if known.
    """
    facts: dict[str, Any] = {
        "kind": kind, "type": type_name, "config": model.config.model_dump(mode="json"),
    }  # fmt: skip
    if resolution is not None:
        facts["resolution"] = resolution
    tensors = {f"weights/{name}": value for name, value in model.state_dict().items()}
    if isinstance(model, Prior):
        facts["layout"] = dataclasses.asdict(model.layout)
        facts["condition"] = dataclasses.asdict(model.condition) if model.condition else None
        if codebook is not None:
            tensors["codebook"] = codebook
    save_tensors(folder / WEIGHTS, tensors, {})
    write_json(folder / CONFIG, facts)
    return [WEIGHTS, CONFIG]


def load_model(folder: Path | str) -> Tokenizer | Prior:
    """The tokenizer or prior of a model folder, in eval mode on the CPU.

    The tokenizer's `encode` refuses images outside [0, 1]; see `image_range`.

    Raises:
        ConfigError: no model folder.
        DamagedFileError: a file that cannot be read, or weights of another model.
    """
    folder = Path(folder)
    if (folder / SYSTEM).is_file():
        raise ConfigError(
            f"{folder} is a system, of two models. Load {folder / 'tokenizer'} or "
            f"{folder / 'prior'}."
        )
    if not (folder / CONFIG).is_file() or not (folder / WEIGHTS).is_file():
        raise ConfigError(f"{folder} is no model folder: it needs {CONFIG} and {WEIGHTS}.")
    tensors, _ = load_tensors(folder / WEIGHTS)
    try:
        facts = json.loads((folder / CONFIG).read_text())
        with Unfilled():
            model = _build(facts, tensors.pop("codebook", None), f"{folder / CONFIG}: config")
    except (ValueError, KeyError, TypeError) as error:
        raise DamagedFileError(
            f"{folder / CONFIG} does not describe a model: {type(error).__name__}: {error}"
        ) from None
    state = {name.removeprefix("weights/"): value for name, value in tensors.items()}
    try:
        model.load_state_dict(state)
    except RuntimeError as error:
        raise DamagedFileError(f"{folder / WEIGHTS} does not fit {CONFIG}: {error}") from None
    return refuse_other_ranges(model.eval()) if isinstance(model, Tokenizer) else model.eval()


def _build(facts: dict[str, Any], codebook: Tensor | None, where: str) -> Tokenizer | Prior:
    if facts["kind"] == "tokenizer":
        return build_tokenizer(facts["type"], facts["config"], where)
    layout = CodeLayout(**facts["layout"] | {"grain_sizes": tuple(facts["layout"]["grain_sizes"])})
    condition = ConditionSpec(**facts["condition"]) if facts["condition"] else None
    return build_prior(facts["type"], facts["config"], layout, codebook, condition, where)


def load_tokenizer(folder: Path, device: str) -> Tokenizer:
    model = load_model(folder)
    if not isinstance(model, Tokenizer):
        raise ConfigError(f"{folder} holds a prior; a tokenizer is needed here.")
    return model.to(device)


def load_prior(folder: Path, device: str) -> Prior:
    model = load_model(folder)
    if not isinstance(model, Prior):
        raise ConfigError(f"{folder} holds a tokenizer; a prior is needed here.")
    return model.to(device)


def model_facts(folder: Path) -> dict[str, Any]:
    """The description in a model folder.

    Raises:
        DamagedFileError: it is none.
    """
    try:
        return dict(json.loads((folder / CONFIG).read_text()))
    except (OSError, ValueError, TypeError) as error:
        raise DamagedFileError(f"{folder / CONFIG} does not describe a model: {error}") from None


def resolution_of(folder: Path) -> int | None:
    """Side in pixels of the images that a model folder's tokenizer was made for, if it is known."""
    resolution: int | None = model_facts(folder).get("resolution")
    return resolution


def stored_codebook(folder: Path) -> Tensor | None:
    """The codebook that a prior's model folder keeps beside the weights; None without one."""
    with safe_open(folder / WEIGHTS, framework="pt") as file:
        return file.get_tensor("codebook") if "codebook" in file.keys() else None  # noqa: SIM118 - no dict


def weights_sha256(folder: Path) -> str:
    """Of a model folder's file of weights, which says which model this is.

    Raises:
        ConfigError: no model folder.
        DamagedFileError: the folder is sealed, and a file is not what was written.
    """
    if not (folder / WEIGHTS).is_file():
        raise ConfigError(f"{folder} is no model folder: it needs {CONFIG} and {WEIGHTS}.")
    if is_sealed(folder):
        check_seal(folder)
    return sha256_of(folder / WEIGHTS)


def plugin_facts(plugin: Plugin, model: nn.Module) -> dict[str, str]:
    """What of a plug-in decides results: its distribution, its version, and its code.

    The code counts, so that an edited plug-in is trained again without a new version: that of the
    packages of all modules that the model is made of. Of torch and rqbench the versions count.
    """
    digest = hashlib.sha256()
    for path in sorted(_sources(model)):
        digest.update(path.read_bytes())
    return {
        "distribution": plugin.distribution,
        "version": plugin.version,
        "source": digest.hexdigest()[:16],
    }


def _sources(model: nn.Module) -> set[Path]:
    """Files of the code that a model is made of; of a module in no package its one file."""
    sources = set()
    for module in {sys.modules[type(part).__module__] for part in model.modules()}:
        package = (module.__package__ or "").partition(".")[0]
        if package in {"torch", "rqbench"} or not module.__file__:
            continue
        own = Path(module.__file__)
        top = Path(sys.modules[package].__file__ or own).parent if package else None
        sources |= set(top.rglob("*.py")) if top else {own}
    return sources
