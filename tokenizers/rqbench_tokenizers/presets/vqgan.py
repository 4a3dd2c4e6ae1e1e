"""VQGAN: 16x16 codes of 256x256 pixels (Esser et al. 2021, arXiv:2012.09841)."""

from rqbench.api import ModelPreset

from ..published import CONV, VQGAN


def _f16(codebook_size: int, parameters: int, unverified: str = "") -> ModelPreset:
    return ModelPreset(
        kind="tokenizer",
        type="vq",
        config={
            "conv": {**CONV, "attention_levels": [4]},
            "codebook_size": codebook_size,
            **VQGAN,
        },
        parameters=parameters,
        counting="codebook counted, which learns by gradient; no loss modules",
        source="arXiv:2012.09841 and its released code and configurations, f16",
        unverified=unverified,
    )


F16_1024 = _f16(1024, 72_141_699)
F16_8192 = _f16(
    8192,
    73_976_707,
    unverified="the configuration of this first stage of the scene models; f16 of the others taken",
)
F16_16384 = _f16(
    16384,
    76_073_859,
    unverified="its configuration comes with the download only, not with the code",
)
