"""What a checkpoint's shapes and its config say of a model, compared where both say it.

A config is searched for a key wherever it lies, since each release nests it in another way.
"""

from collections.abc import Mapping
from typing import Any

from torch import Tensor

from rqbench.api import CheckpointError, find_values

Axes = tuple[tuple[str, int], ...]
"""Published keys, each with one axis of its shape."""


def size(
    what: str, state: Mapping[str, Tensor], axes: Axes, said: Mapping[str, Any] | None = None
) -> int:
    """A size that several tensors share.

    Args:
        what: for messages, such as "vocabulary".
        said: what a config says of it, by dotted path.

    Raises:
        CheckpointError: a key that is missing or misshapen, or two that contradict each other.
    """
    found = {key: _axis(state, key, axis) for key, axis in axes}
    found |= {f"{path} of the config": whole(path, value) for path, value in (said or {}).items()}
    if len(set(found.values())) > 1:
        listed = ", ".join(f"{value} by {source}" for source, value in found.items())
        raise CheckpointError(
            f"The {what} is {listed}. The weights and the config are of different models, or the "
            "checkpoint is damaged."
        )
    return next(iter(found.values()))


def count_blocks(state: Mapping[str, Tensor], below: str, said: Mapping[str, Any]) -> int:
    """How many numbered blocks lie below a prefix such as "blocks."; 0 where there are none.

    Raises:
        CheckpointError: the config says another number.
    """
    names = {key.removeprefix(below).partition(".")[0] for key in state if key.startswith(below)}
    count = max((int(name) + 1 for name in names if name.isdigit()), default=0)
    for path, value in said.items():
        if whole(path, value) != count:
            raise CheckpointError(
                f"The checkpoint has {count} blocks below {below!r}, and the config says "
                f"{path}: {value}. They are of different models, or a part of the file is lost."
            )
    return count


def beside(config: Mapping[str, Any], anchor: str, key: str) -> dict[str, Any]:
    """The values of `key`, by dotted path, in all mappings that hold `anchor` too."""
    homes = {path.rpartition(".")[0] for path in find_values(config, anchor)}
    return {
        path: value
        for path, value in find_values(config, key).items()
        if path.rpartition(".")[0] in homes
    }


def agreed(found: Mapping[str, Any]) -> Any:
    """The one value that all paths have; None where there is none.

    Raises:
        CheckpointError: they differ.
    """
    values = list(found.values())
    if any(value != values[0] for value in values):
        listed = ", ".join(f"{path}: {value}" for path, value in found.items())
        raise CheckpointError(
            f"The config says {listed}, and all of these should be equal. Give the config of this "
            "checkpoint with --config."
        )
    return values[0] if values else None


def num_heads(found: Mapping[str, Any], width: int, where: str) -> int:
    """Attention heads, which no shape tells.

    Args:
        found: what the config says, by dotted path.
        where: which file has it, for the message.

    Raises:
        CheckpointError: nothing, several numbers, or one that does not divide the width.
    """
    said = agreed(found)
    if said is None:
        raise CheckpointError(
            "The number of attention heads follows from no weight, and there is no config that "
            f"says `n_head` as a number. Put {where} beside the checkpoint, or name it with "
            "--config."
        )
    path = next(iter(found))
    heads = whole(path, said)
    if heads < 1 or width % heads:
        raise CheckpointError(
            f"The config says {path}: {heads}, which does not divide the width {width} of the "
            "weights. Give the config of this checkpoint with --config."
        )
    return heads


def whole(path: str, value: Any) -> int:
    """A config's value that has to be an integer.

    Raises:
        CheckpointError: it is something else, such as an interpolation `${...}`.
    """
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    raise CheckpointError(
        f"The config says {path}: {value!r}, where a whole number belongs. Write it out, in a copy "
        "given with --config."
    )


def _axis(state: Mapping[str, Tensor], key: str, axis: int) -> int:
    if key not in state:
        raise CheckpointError(
            f"The checkpoint lacks {key}, which every model of this kind has. It is of another "
            "model, or a part of the file is lost."
        )
    shape = tuple(state[key].shape)
    if len(shape) <= axis:
        raise CheckpointError(
            f"{key} has the shape {shape}, in which axis {axis} is missing. It is of another model."
        )
    return shape[axis]
