"""What the config of a published RQ-Transformer says, by dotted path where it is to be compared."""

from collections.abc import Mapping
from typing import Any

from rqbench.api import CheckpointError, Sampling, find_values, parse_config

from .facts import beside, whole

CONFIG_FILE = "config.yaml of the same archive"
_INVISIBLE = {"cumsum_depth_ctx": True, "gelu": "v1"}
"""Options that change the arithmetic and no key, with their value in every published model."""
_DROPOUTS = {
    "dropout": ("resid_pdrop", 0.1),
    "attention_dropout": ("attn_pdrop", 0.0),
    "embedding_dropout": ("embd_pdrop", 0.0),
}
"""Our names, theirs, and what theirs are where the config has none."""

Notes = tuple[str, ...]


def refuse_variants(config: Mapping[str, Any]) -> None:
    """
    Raises:
        CheckpointError: the config says something that no published model has.
    """
    for key, published in _INVISIBLE.items():
        for path, value in find_values(config, key).items():
            if value != published:
                raise CheckpointError(
                    f"The config says {path}: {value}, and rqbench has only {published}, as all "
                    "published models."
                )


def said_of_stack(config: Mapping[str, Any], key: str, stack: str) -> dict[str, Any]:
    """Of the "body" or the "head", which is the depth transformer; of both where neither is named
    in a path."""
    found = find_values(config, key)
    own = {path: value for path, value in found.items() if stack in path.split(".")}
    neither = {
        path: value for path, value in found.items() if not {"body", "head"} & set(path.split("."))
    }
    return own or neither


def said_of_condition(config: Mapping[str, Any], key: str) -> dict[str, int]:
    """A size; nothing at all still has one row and one token."""
    found = beside(config, "block_size", key)
    return {path: max(whole(path, value), 1) for path, value in found.items()}


def said_of_codes(config: Mapping[str, Any]) -> dict[str, Any]:
    """The vocabulary of codes, which may be listed for each depth.

    Raises:
        CheckpointError: it differs from depth to depth.
    """
    found = beside(config, "block_size", "vocab_size")
    for path, value in found.items():
        if isinstance(value, list) and len(set(value)) != 1:
            raise CheckpointError(
                f"The config says {path}: {value}, another vocabulary at each depth, which rqbench "
                "does not have."
            )
    return {path: value[0] if isinstance(value, list) else value for path, value in found.items()}


def said_of_training(config: Mapping[str, Any]) -> tuple[dict[str, float], Notes]:
    """Dropout, which our prior has one of for both stacks, and a note where theirs differ."""
    dropouts, notes = {}, []
    for ours, (theirs, default) in _DROPOUTS.items():
        body, head = (said_of_stack(config, theirs, stack) for stack in ("body", "head"))
        values = [*body.values(), *head.values(), default]
        dropouts[ours] = values[0]
        if set(values[:-1]) - {values[0]}:
            notes.append(f"Of the config's {theirs} {values[:-1]} the first is {ours} in training.")
    return dropouts, tuple(notes)


def said_of_sampling(config: Mapping[str, Any]) -> tuple[Sampling, Notes]:
    """The settings of the released archive, and a note where there are none.

    Raises:
        CheckpointError: a temperature for each depth.
        ConfigError: settings that are none.
    """
    sections = find_values(config, "sampling") | find_values(config, "sample")
    found = next((value for value in sections.values() if isinstance(value, Mapping)), None)
    if found is None:
        return Sampling(), (
            "The config says nothing of sampling: all symbols are drawn at temperature 1.",
        )
    temperature = found.get("temp", found.get("temperature", 1.0))
    if isinstance(temperature, list):
        if len(set(temperature)) != 1:
            raise CheckpointError(
                f"The config samples at the temperatures {temperature}, one for each depth, and "
                "rqbench has one for all. Write one, in a copy given with --config."
            )
        temperature = temperature[0]
    top_p = found.get("top_p")
    values = {
        "temperature": temperature,
        "top_k": found.get("top_k"),
        "top_p": 1.0 if top_p is None else top_p,
    }
    return parse_config(Sampling, values, "sampling section of the config"), ()
