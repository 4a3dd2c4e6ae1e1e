"""DQ-VAE: codes of two or three grains (Huang et al. 2023, arXiv:2305.11718)."""

from typing import Any

from rqbench.api import ModelPreset

from ..published import CONV, DQVAE, DQVAE_ENTROPY, DQVAE_LEARNED

TWO_GRAINS = {"conv": {**CONV, "attention_levels": [3, 4]}, "target_ratios": [0.5]}
THREE_GRAINS = {
    "conv": {**CONV, "multipliers": [1, 1, 2, 2, 4, 4], "attention_levels": [3, 4, 5]},
    "grain_sizes": [4, 2, 1],
    "target_ratios": [0.3, 0.3],
}


def _dqvae(config: dict[str, Any], parameters: int, unverified: str = "") -> ModelPreset:
    return ModelPreset(
        kind="tokenizer",
        type="dq",
        config={**DQVAE, **config},
        parameters=parameters,
        counting="the codebook and its padding row counted, its averages not; no loss modules",
        source="arXiv:2305.11718 and its released code and configurations",
        unverified=unverified,
    )


DUAL = _dqvae({**DQVAE_LEARNED, **TWO_GRAINS}, 48_098_437)
DUAL_ENTROPY = _dqvae(
    {**DQVAE_ENTROPY, **TWO_GRAINS},
    47_833_731,
    unverified="the released rFID was measured before the bins of the entropy moved from [0, 1] "
    "(entropy_bins: unit) to [-1, 1]; the share of fine regions is nominal",
)
TRIPLE = _dqvae({**DQVAE_LEARNED, **THREE_GRAINS}, 74_010_502)
