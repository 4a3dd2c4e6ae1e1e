"""The YAML beside a checkpoint."""

from collections.abc import Iterator, Mapping
from itertools import islice
from pathlib import Path
from typing import Any

import yaml

from ..errors import CheckpointError
from .plain_yaml import load_plain, says_something, without_references

MOST_VALUES = 100_000


def find_config(checkpoint: Path, given: Path | None = None) -> Path | None:
    """The config file of a checkpoint, where the projects keep theirs: beside it, or in `configs/`
    beside its folder.

    Raises:
        CheckpointError: a given one that is not there, or several that could be meant.
    """
    if given is not None:
        if not given.is_file():
            raise CheckpointError(f"--config {given}: there is no such file.")
        return given
    here, run = checkpoint.parent, checkpoint.resolve().parent.parent / "configs"
    for folder, names in (
        (here, (f"{checkpoint.stem}.yaml", "config.yaml", "model.yaml", "*.yaml", "*.yml")),
        (run, ("*project*.yaml", "model.yaml", "config.yaml", "*.yaml", "*.yml")),
    ):
        for name in names:
            found = _distinct(sorted(folder.glob(name)))
            if len(found) > 1:
                listed = ", ".join(map(str, found))
                raise CheckpointError(
                    f"Several files could be the config of {checkpoint.name}: {listed}. Name one "
                    "with --config."
                )
            if found:
                return found[0]
    return None


def read_config(path: Path) -> dict[str, Any]:
    """A config as plain values, references such as ${model.size} looked up.

    Raises:
        CheckpointError: no YAML mapping of plain values.
    """
    try:
        found = load_plain(path.read_text())
        num_values = sum(1 for _ in islice(_walk(found, ""), MOST_VALUES + 1))
    except (yaml.YAMLError, ValueError, RecursionError) as error:  # a date that is none, say
        said = " ".join(str(error).split())[:200]
        raise CheckpointError(
            f"{path} is no YAML of plain values: {said}. Name another with --config."
        ) from None
    if not isinstance(found, dict):
        raise CheckpointError(
            f"{path} holds no keys with values, as a config does. Name another with --config."
        )
    if num_values > MOST_VALUES:
        raise CheckpointError(
            f"{path} holds more than {MOST_VALUES:,} values, as no config does, or refers to "
            "itself over and over. Name another with --config."
        )
    return without_references(found)


def _distinct(paths: list[Path]) -> list[Path]:
    """One of each content: a run that was taken up again writes its config anew."""
    return list({path.read_bytes(): path for path in paths}.values())


def find_values(config: Mapping[str, Any], key: str) -> dict[str, Any]:
    """All values of a key, wherever in the nested mappings and lists it lies, by dotted path; null
    and references that lead nowhere are none."""
    return {
        path: value
        for path, value in _walk(config, "")
        if path.rpartition(".")[2] == key and says_something(value)
    }


def _walk(node: Any, path: str) -> Iterator[tuple[str, Any]]:
    """Each value below a node, with its dotted path; items of a list count from 0."""
    if isinstance(node, Mapping):
        inner = ((str(key), value) for key, value in node.items())
    elif isinstance(node, list):
        inner = ((str(index), value) for index, value in enumerate(node))
    else:
        return
    for name, value in inner:
        below = f"{path}.{name}" if path else name
        yield below, value
        yield from _walk(value, below)
