"""What the sequence of a published GPT consists of: condition tokens, and a square grid of codes.

Neither follows from the weights alone: the table of places has as many rows as the sequence may be
long, and classes share the table of codes.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from rqbench.api import CheckpointError, ConditionSpec, find_values

from .facts import agreed, whole

CONFIG_FILE = "the run's config (configs/<time>-project.yaml)"


@dataclass(frozen=True)
class Sequence:
    """The parts of a sequence.

    Attributes:
        side: of the square grid of codes.
        condition: None where a start code comes first.
        start_code: that code; 0 with a condition.
        note: how the sizes were found.
    """

    side: int
    condition: ConditionSpec | None
    start_code: int
    note: str


def read_sequence(config: Mapping[str, Any], vocab_size: int, num_places: int) -> Sequence:
    """The sequence of the run that a config describes.

    Args:
        num_places: rows of the table of places.

    Raises:
        CheckpointError: a config that does not say what the condition is, or sizes that do not fit
            into the table.
    """
    stage = agreed(find_values(config, "cond_stage_config"))
    if _is_unconditional(config, stage):
        side, note = _side_after_one(config, num_places)
        start = _fitting("sos_token", find_values(config, "sos_token") or {"": 0}, vocab_size - 1)
        return Sequence(side, None, start, note)
    if _is_class(config, stage):
        classes = _num_classes(config, stage, vocab_size)
        side, note = _side_after_one(config, num_places)
        return Sequence(side, ConditionSpec(classes), 0, note)
    if stage is None:
        raise CheckpointError(
            "The config does not say what the prior is conditioned on: it has no "
            f"`cond_stage_config`. Put {CONFIG_FILE} beside the checkpoint, or name it with "
            "--config."
        )
    side, length, note = _two_grids(config, stage, num_places)
    return Sequence(side, ConditionSpec(vocab_size, length), 0, note)


def _is_unconditional(config: Mapping[str, Any], stage: Any) -> bool:
    flags = find_values(config, "unconditional") | find_values(config, "be_unconditional")
    return (
        any(value is True for value in flags.values())
        or stage == "__is_unconditional__"
        or _target(stage).endswith("SOSProvider")
    )


def _is_class(config: Mapping[str, Any], stage: Any) -> bool:
    keys = find_values(config, "cond_stage_key").values()
    return "class_label" in keys or _target(stage).endswith("Labelator")


def _num_classes(config: Mapping[str, Any], stage: Any, vocab_size: int) -> int:
    found = find_values(_params(stage), "n_classes") or find_values(config, "n_classes")
    if not found:
        raise CheckpointError(
            "The prior is conditioned on classes, and the config does not say on how many: it has "
            f"no `n_classes`. Add it, or give {CONFIG_FILE} with --config."
        )
    return _fitting("n_classes", found, vocab_size)


def _fitting(key: str, found: Mapping[str, Any], most: int) -> int:
    """
    Raises:
        CheckpointError: more than there are codes, whose rows conditions share.
    """
    value = whole(key, agreed(found))
    if value > most:
        raise CheckpointError(
            f"The config says {key}: {value}, and the weights (tok_emb.weight) have rows for "
            f"{most} at the most. Give the config of this checkpoint with --config."
        )
    return value


def _side_after_one(config: Mapping[str, Any], num_places: int) -> tuple[int, str]:
    """Side of the grid behind one condition token; that token and all codes but the last are
    inputs, so that there are as many codes as places at the most."""
    side = _first_stage_side(config)
    if side is not None and side**2 <= num_places:
        return side, _note(side, 1, "the resolution and levels of the config's first stage")
    side = math.isqrt(num_places)
    return side, _note(side, 1, f"the {num_places} places, as the largest square")


def _two_grids(config: Mapping[str, Any], stage: Any, num_places: int) -> tuple[int, int, str]:
    """Side of the grid, length of the condition in front of it, and how they were found."""
    side = _first_stage_side(config)
    if side is None or side**2 >= num_places:
        side = math.isqrt(num_places // 2)
        if 2 * side**2 != num_places:
            raise CheckpointError(
                f"The {num_places} places of the prior are not two equal square grids, and the "
                "config's first stage has no `resolution` and `ch_mult` that would tell codes from "
                f"condition. Give {CONFIG_FILE} with --config."
            )
        return side, side**2, _note(side, side**2, f"half of the {num_places} places")
    length = _stage_length(config, stage, side)
    if length is None or length + side**2 - 1 > num_places:
        length = num_places - side**2
        how = f"the config's first stage; the condition has the rest of the {num_places} places"
    else:
        how = "the resolutions of the config's two first stages"
    return side, length, _note(side, length, how)


def _stage_length(config: Mapping[str, Any], stage: Any, side: int) -> int | None:
    """Codes that the condition's own first stage gives; None where the config does not tell."""
    resized = find_values(config, "downsample_cond_size").values()
    if any(isinstance(value, int) and value > 0 for value in resized):
        return None
    if stage == "__is_first_stage__":
        return side**2
    own = _grid_side(_params(stage))
    if own is not None:
        return own**2
    factor = agreed(find_values(_params(stage), "down_factor"))
    resolution = agreed(find_values(_first_stage(config), "resolution"))
    if isinstance(factor, int) and isinstance(resolution, int):
        return (resolution // factor) ** 2
    return None


def _first_stage(config: Mapping[str, Any]) -> Mapping[str, Any]:
    return _params(agreed(find_values(config, "first_stage_config")))


def _first_stage_side(config: Mapping[str, Any]) -> int | None:
    return _grid_side(_first_stage(config))


def _grid_side(params: Mapping[str, Any]) -> int | None:
    """Side of the grid of an autoencoder of this project."""
    resolution = agreed(find_values(params, "resolution"))
    levels = agreed(find_values(params, "ch_mult"))
    if not isinstance(resolution, int) or not isinstance(levels, list):
        return None
    factor: int = 2 ** (len(levels) - 1)
    return resolution // factor


def _target(stage: Any) -> str:
    return str(stage.get("target", "")) if isinstance(stage, Mapping) else ""


def _params(stage: Any) -> Mapping[str, Any]:
    return stage if isinstance(stage, Mapping) else {}


def _note(side: int, length: int, how: str) -> str:
    tokens = "1 token" if length == 1 else f"{length} tokens"
    return f"A grid of {side}x{side} codes behind {tokens} of condition, by {how}."
