"""How the codebooks of RQ-VAE and DQ-VAE go on to learn, from the config beside the weights."""

from collections.abc import Mapping
from typing import Any

from ..published import AVERAGE
from .published_yaml import value


def average(part: Mapping[str, Any], restarts: bool) -> dict[str, Any]:
    """Plain values of a `MovingAverage`; where the config is silent, those of the presets.

    Args:
        restarts: whether idle codes start anew where the config is silent.
    """
    decay, restart = value(part, "decay"), value(part, "restart_unused_codes")
    if isinstance(decay, list):  # one for each depth
        decay = decay[0]
    told = {} if decay is None else {"decay": decay}
    never = not restarts if restart is None else restart is False
    return AVERAGE | told | ({"restart_below": 0.0} if never else {})


def notes_on_decay(part: Mapping[str, Any]) -> tuple[str, ...]:
    """What was decided if depths have decays of their own."""
    decay = value(part, "decay")
    if not isinstance(decay, list) or len(set(decay)) == 1:
        return ()
    return (f"Of the config's decays {decay} the first is that of all depths in training.",)


def commitment_weight(part: Mapping[str, Any], *keys: str) -> float:
    """0.25 where the config is silent."""
    told = value(part, *keys)
    return 0.25 if told is None else float(told)
