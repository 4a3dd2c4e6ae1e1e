"""One checkpoint file, read and unwrapped, with the config beside it and the importers for it."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from ..errors import CheckpointError
from ..files import sha256_of
from ..plugins import installed, load_all
from .checkpoint_file import read_checkpoint
from .config_file import find_config, read_config
from .importer import Checkpoint, Importer
from .unwrap import Unwrapped, unwrap

Say = Callable[[str], None]


@dataclass(frozen=True)
class Source:
    """What a file holds.

    Attributes:
        path: of the checkpoint.
        config: its config file, if there is one.
        unwrapped: how its state dict was found.
        checkpoint: what importers see of it.
        importers: those that recognise it, by kind of model, each with its plug-in's name.
    """

    path: Path
    config: Path | None
    unwrapped: Unwrapped
    checkpoint: Checkpoint
    importers: dict[str, tuple[str, Importer]]

    def facts(self) -> dict[str, Any]:
        """Names and checksums, and never a path, since folders travel."""
        return {
            "file": _file_facts(self.path),
            "config": _file_facts(self.config) if self.config else None,
            "taken": self.unwrapped.taken,
            "prefix_of_wrappers": self.unwrapped.prefix,
        }


def read_source(path: Path, config: Path | None, trust: bool, ema: bool, say: Say) -> Source:
    """Read a checkpoint and find out what it holds.

    Raises:
        CheckpointError: see `read_checkpoint`, `unwrap` and `find_config`; or no importer knows it,
            or two do.
    """
    say(f"reading {path.name} ({path.stat().st_size / 1e6:,.1f} MB)")
    unwrapped = unwrap(read_checkpoint(path, trust), path.name, ema)
    _check_storage(unwrapped.state)
    config = find_config(path, config)
    values = read_config(config) if config else {}
    checkpoint = Checkpoint(unwrapped.state, values, path.name)
    return Source(path, config, unwrapped, checkpoint, _importers_of(checkpoint))


def _importers_of(checkpoint: Checkpoint) -> dict[str, tuple[str, Importer]]:
    loaded, broken = load_all("importer")
    keys = frozenset(checkpoint.state)
    found: dict[str, tuple[str, Importer]] = {}
    for name, cls in loaded.items():
        importer: Importer = cls()
        if not importer.recognises(keys):
            continue
        rival, _ = found.setdefault(importer.kind, (name, importer))
        if rival != name:
            raise CheckpointError(
                f"{checkpoint.name} is taken for a {importer.kind} by two importers, {rival!r} and "
                f"{name!r}, and can become one of a kind. Uninstall one of the importers."
            )
    if not found:
        known = [f"{cls.project} ({cls.kind}: {name})" for name, cls in loaded.items()]
        lost = f" Importers that cannot be loaded: {', '.join(broken)}." if broken else ""
        raise CheckpointError(
            f"No importer knows the model in {checkpoint.name}, whose keys begin "
            f"{', '.join(sorted(keys)[:4])}. Known: {', '.join(known) or 'none'}.{lost} Another "
            "needs an entry point in the group 'rqbench.importers'."
        )
    return found


def _check_storage(state: dict[str, Tensor]) -> None:
    for key, value in state.items():
        if value.is_meta:
            raise CheckpointError(
                f"{key} was saved without its numbers (on torch's meta device). Save the model "
                "with its weights loaded."
            )
        if value.layout != torch.strided or value.is_quantized or value.is_complex():
            raise CheckpointError(
                f"{key} is sparse, quantized or complex ({value.dtype}), and rqbench reads plain "
                "numbers. Save the model as it was trained."
            )


def _file_facts(path: Path) -> dict[str, Any]:
    return {"name": path.name, "size_bytes": path.stat().st_size, "sha256": sha256_of(path)}


def plugin_of(importer: str) -> dict[str, str]:
    """Who wrote an importer."""
    plugin = installed("importer")[importer]
    return {"name": importer, "distribution": plugin.distribution, "version": plugin.version}
