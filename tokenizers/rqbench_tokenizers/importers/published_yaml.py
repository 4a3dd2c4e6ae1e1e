"""What the config beside a published tokenizer says, and whether the weights say the same."""

from collections.abc import Mapping, Sequence
from typing import Any

from rqbench.api import CheckpointError, find_values

NOT_OF_THE_TOKENIZER = {
    "cond_stage_config", "transformer_config", "loss", "gan", "data", "dataset",
    "lightning", "optimizer", "experiment", "sampling",
}  # fmt: skip
"""Sections whose keys mean something else, such as the discriminator's `in_channels`."""


def tokenizer_part(config: Mapping[str, Any]) -> dict[str, Any]:
    """The config of the tokenizer inside that of a whole training, by dotted path; empty: none."""
    stages = [
        {path: stage}
        for path, stage in find_values(config, "first_stage_config").items()
        if isinstance(stage, Mapping)
    ]
    return _without_others(stages[0] if stages else config)


def section(config: Mapping[str, Any], *names: str) -> dict[str, Any]:
    """The first of these mappings that there is, by its dotted path; empty: none."""
    for name in names:
        for path, found in find_values(config, name).items():
            if isinstance(found, Mapping):
                return {path: dict(found)}
    return {}


def value(config: Mapping[str, Any], *keys: str) -> Any:
    """The one value that the first of these keys has; None where the config is silent.

    Raises:
        CheckpointError: it has several.
    """
    for key in keys:
        found = find_values(config, key)
        others = [path for path, told in found.items() if told != next(iter(found.values()))]
        if others:
            raise CheckpointError(
                f"The config says {key} twice and differently: {next(iter(found))} and {others[0]}."
                " Give the config of this checkpoint alone, with --config."
            )
        if found:
            return next(iter(found.values()))
    return None


def side(config: Mapping[str, Any]) -> int | None:
    """Pixels a side of the images that it was trained on; None where the config is silent.

    Raises:
        CheckpointError: it says something else.
    """
    told = value(config, "resolution")
    if told is None or (isinstance(told, int) and not isinstance(told, bool) and told > 0):
        return told
    raise CheckpointError(
        f"The config says resolution: {told!r}, where a whole number of pixels belongs. Give the "
        "config of this checkpoint, with --config."
    )


def agree(config: Mapping[str, Any], key: str, weights: Any) -> None:
    """Compare what the config says with what the weights say.

    Raises:
        CheckpointError: they contradict each other.
    """
    for path, told in find_values(config, key).items():
        if told != weights:
            raise CheckpointError(
                f"The config says {path}: {told}, and the weights {weights}. They are of different "
                "models: give the config of this checkpoint, with --config."
            )


def agree_on_conv(part: Mapping[str, Any], conv: Mapping[str, Any]) -> None:
    """Compare a section of convolutional halves with what was read from shapes.

    Raises:
        CheckpointError: they contradict each other.
    """
    agree(part, "ch", conv["channels"])
    agree(part, "ch_mult", conv["multipliers"])
    agree(part, "num_res_blocks", conv["num_res_blocks"])
    agree(part, "double_z", False)
    if len(conv["multipliers"]) > 1:
        agree(part, "resamp_with_conv", conv["resample_with_conv"])
    resolution = side(part)
    for path, sides in find_values(part, "attn_resolutions").items():
        if resolution is None or not isinstance(sides, Sequence):
            continue
        levels = range(len(conv["multipliers"]))
        told = [level for level in levels if resolution >> level in sides]
        if told != conv["attention_levels"]:
            raise CheckpointError(
                f"The config says {path}: {sides} at resolution {resolution}, which is attention "
                f"at the levels {told}, and the weights have it at {conv['attention_levels']}. "
                "They are of different models: give the config of this checkpoint, with --config."
            )


def _without_others(node: Mapping[str, Any]) -> dict[str, Any]:
    return {
        key: _without_others(inner) if isinstance(inner, Mapping) else inner
        for key, inner in node.items()
        if key not in NOT_OF_THE_TOKENIZER
    }
