"""What a DQ router starts with: the buffers that calibration would set, as its config has them."""

import math

import torch
from torch import Tensor

from .dq_config import DQConfig
from .entropy import NUM_BINS


def threshold_buffers(config: DQConfig) -> dict[str, Tensor]:
    """`thresholds` of the entropies, or handicaps of the learned router; `operating_thresholds`,
    those of other shares; `calibrated`, whether both are more than a placeholder."""
    known, points = config.known_thresholds(), config.known_operating_thresholds()
    if known is None and config.router == "entropy":
        thresholds = torch.linspace(0, math.log(NUM_BINS), len(config.grain_sizes) + 1)[1:-1]
    else:  # of logits no handicap: the largest wins
        thresholds = torch.tensor(known or (0.0,) * (len(config.grain_sizes) - 1))
    return {
        "thresholds": thresholds,
        "operating_thresholds": torch.tensor(points or (0.0,) * len(config.operating_ratios)),
        "calibrated": torch.tensor(points is not None),
    }
