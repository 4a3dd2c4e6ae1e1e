"""What the published tokenizers have in common, for their presets and importers."""

from typing import Any

CONV: dict[str, Any] = {"exact_groups": True, "memory": "channels-first"}
"""Normalisations of 32 groups, whatever the width, and the released code's rounding."""

AVERAGE: dict[str, Any] = {
    "decay": 0.99, "restart_below": 1.0, "restart_rule": "count", "spares": "tiled",
    "start": "random",
}  # fmt: skip
"""How the codebooks of RQ-VAE and DQ-VAE learn."""

VQGAN: dict[str, Any] = {"codebook": "gradient", "legacy_commitment": True}
RQVAE: dict[str, Any] = {"padding_row": True, "updates": "in-turn", "average": AVERAGE}
DQVAE: dict[str, Any] = {
    "padding_row": True, "statistics": "cells", "average": AVERAGE, "codebook_term": True,
    "budget_weight": "published",
}  # fmt: skip
DQVAE_LEARNED: dict[str, Any] = {
    "router": "feature", "router_norm_groups": 32, "thresholds": "none",
}  # fmt: skip
DQVAE_ENTROPY: dict[str, Any] = {
    "router": "entropy", "thresholds": "imagenet-train", "threshold_row": "truncated",
}  # fmt: skip
