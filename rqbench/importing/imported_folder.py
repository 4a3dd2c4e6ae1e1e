"""Writing imported models: a folder that appears whole, or not at all."""

import os
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ..errors import CheckpointError
from ..files import check_above, seal, write_json
from ..models import ORIGIN, save_model
from ..sample.system import SystemEntry, write_system
from .part import Part

HEADROOM_BYTES = 16 << 20
PUBLISHED = "published.yaml"
"""In the model folder: the config file that was read with the weights, as it was."""


def check_out(out: Path) -> None:
    """Refuse a place where something is."""
    check_above(out)
    if out.is_file() or (out.is_dir() and any(out.iterdir())):
        raise CheckpointError(f"{out} is not empty. Choose another folder with --out.")


def check_disk(out: Path, parts: list[Part]) -> None:
    """Refuse a disk on which the models have no room."""
    needed = HEADROOM_BYTES + sum(map(_bytes_of, parts))
    there = next(folder for folder in (out, *out.resolve().parents) if folder.is_dir())
    free = shutil.disk_usage(there).free
    if free < needed:
        raise CheckpointError(
            f"{out} needs {needed / 1e9:.2f} GB, and its disk has {free / 1e9:.2f} GB left. Make "
            "room, or choose another disk with --out."
        )


def write_model(folder: Path, part: Part, origin: Mapping[str, Any]) -> None:
    """A sealed model folder with its origin."""
    folder.mkdir(exist_ok=True)
    names = save_model(
        folder, part.kind, part.described.type, part.model, part.codebook, part.described.resolution
    )
    write_json(folder / ORIGIN, origin)
    names.append(ORIGIN)
    if part.source.config is not None:
        shutil.copyfile(part.source.config, folder / PUBLISHED)
        names.append(PUBLISHED)
    seal(folder, names, {"facts": {"project": origin["project"]}})


def write_pair(folder: Path, prior: Part) -> None:
    """Make a system of a folder that holds the model folders of a tokenizer and a prior."""
    write_system(
        folder,
        SystemEntry(tokenizer="tokenizer", prior="prior", sampling=prior.described.sampling),
    )


def link_model(source: Path, folder: Path) -> None:
    """A copy of a model folder that takes no room where the disk can link files."""
    folder.mkdir()
    for file in sorted(source.iterdir()):
        if not file.is_file():
            continue
        try:
            os.link(file, folder / file.name)
        except OSError:  # another disk, or one without links
            shutil.copy2(file, folder / file.name)


def _bytes_of(part: Part) -> int:
    tensors = [*part.model.state_dict().values()]
    if part.codebook is not None:
        tensors.append(part.codebook)
    return sum(tensor.numel() * tensor.element_size() for tensor in tensors)
