"""How the codebooks of RQ-VAE and DQ-VAE go on to learn, from the config beside the weights."""

from collections.abc import Mapping
from typing import Any

from ..published import AVERAGE
from .published_yaml import value


def average(part: Mapping[str, Any]) -> dict[str, Any]:
    """Plain values of a `MovingAverage`; where the config is silent, those of the presets."""
    decay, restart = value(part, "decay"), value(part, "restart_unused_codes")
    told = {} if decay is None else {"decay": decay}
    return AVERAGE | told | ({"restart_below": 0.0} if restart is False else {})


def commitment_weight(part: Mapping[str, Any], *keys: str) -> float:
    """0.25 where the config is silent."""
    told = value(part, *keys)
    return 0.25 if told is None else float(told)
