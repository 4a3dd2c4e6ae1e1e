"""Which files of a download or of a training run hold the weights."""

from pathlib import Path

from ..errors import CheckpointError
from ..models import CONFIG

SUFFIXES = (".ckpt", ".pt", ".pth", ".bin", ".safetensors")
STAGES = ("stage1", "stage2")
"""Folders of an archive that holds a tokenizer and a prior."""

NEWEST = ("checkpoints/last.ckpt", "ckpts/last.ckpt", "checkpoint/last.ckpt", "last.ckpt")
"""Where runs keep their newest weights."""


def locate(path: Path) -> tuple[Path, ...]:
    """The checkpoint files that a path means: one, or the tokenizer's and the prior's.

    Raises:
        CheckpointError: no such path, or a folder in which none or several could be meant.
    """
    if path.is_file():
        return (path,)
    if not path.is_dir():
        raise CheckpointError(f"There is no {path}. Name a checkpoint or its folder.")
    if (path / CONFIG).is_file():
        raise CheckpointError(f"{path} is a model folder of rqbench already; it can be used as is.")
    stages = [path / stage for stage in STAGES if (path / stage).is_dir()]
    if stages:
        return tuple(_one_in(stage) for stage in stages)
    return (_one_in(path),)


def _one_in(folder: Path) -> Path:
    for name in NEWEST:
        if (folder / name).is_file():
            return folder / name
    for below in (folder, folder / "checkpoints", folder / "ckpts", folder / "checkpoint"):
        found = [
            file for file in sorted(below.glob("*")) if file.suffix in SUFFIXES and file.is_file()
        ]
        if len(found) == 1:
            return found[0]
        if found:
            raise CheckpointError(
                f"{folder} holds several checkpoints: {', '.join(map(str, found[:6]))}"
                f"{' ...' if len(found) > 6 else ''}. Name one of them."
            )
    deeper = sorted(file for file in folder.rglob("*") if file.suffix in SUFFIXES)[:6]
    shown = f" Deeper below lie {', '.join(map(str, deeper))}; name one." if deeper else ""
    raise CheckpointError(
        f"{folder} holds no checkpoint (a file that ends with {', '.join(SUFFIXES)}).{shown}"
    )
