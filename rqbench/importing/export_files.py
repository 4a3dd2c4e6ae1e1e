"""Writing exports: weights by their suffix, and beside them the config that was read with them."""

import shutil
from dataclasses import dataclass, replace
from pathlib import Path

import torch
from torch import Tensor

from ..checkpoint import save_tensors
from ..errors import ConfigError
from ..files import appearing, check_above, write_whole
from ..models import SYSTEM
from .export_model import export_model, is_of_two_files
from .imported_folder import PUBLISHED, check_out
from .locate import STAGES

SUFFIXES = (".safetensors", ".pt", ".ckpt")


@dataclass(frozen=True)
class Exported:
    """One file of weights.

    Attributes:
        model: the model folder.
        has_config: whether its config lies beside it, as `config`.
    """

    model: Path
    path: Path
    num_tensors: int
    has_config: bool

    @property
    def config(self) -> Path:
        return self.path.with_suffix(".yaml")


def write_export(folder: Path, out: Path, importer: str | None = None) -> list[Exported]:
    """Write a model as its project would have saved it, so that it can be imported again.

    Args:
        out: a file; of a system that came from two files a folder, laid out as their archive is.
        importer: see `export_model`.

    Raises:
        ConfigError: see `export_model`; a suffix that says no format, or something is there.
    """
    if importer is not None or out.suffix in SUFFIXES or not is_of_two_files(folder):
        return [_write_one(folder, out, importer)]
    check_out(out)
    with appearing(out) as beside:
        written = [
            _write_one(folder / part, beside / stage / "model.pt", None)
            for part, stage in zip(("tokenizer", "prior"), STAGES, strict=True)
        ]
    return [replace(one, path=out / one.path.relative_to(beside)) for one in written]


def _write_one(folder: Path, path: Path, importer: str | None) -> Exported:
    state = export_model(folder, importer)
    of_one = folder / "prior" if (folder / SYSTEM).is_file() else folder
    exported = Exported(folder, path, len(state), (of_one / PUBLISHED).is_file())
    if exported.has_config and exported.config.exists():
        raise ConfigError(f"{exported.config} is there already. Choose another file with --out.")
    write_state(path, state)
    if exported.has_config:
        write_whole(exported.config, lambda beside: _copy(of_one / PUBLISHED, beside))
    return exported


def _copy(source: Path, target: Path) -> None:
    shutil.copyfile(source, target)


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
    elif path.suffix in SUFFIXES:
        try:
            write_whole(path, lambda beside: torch.save({"state_dict": state}, beside))
        except RuntimeError as error:  # what torch makes of an OSError
            raise OSError(f"{path} cannot be written: {error}. Is the disk full?") from None
    else:
        raise ConfigError(f"{path} must end with .safetensors, .pt or .ckpt.")
