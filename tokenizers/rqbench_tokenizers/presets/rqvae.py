"""RQ-VAE: stacks of codes from one codebook (Lee et al. 2022, arXiv:2203.01941)."""

from rqbench.api import ModelPreset

from ..published import CONV, RQVAE

F32 = {"multipliers": [1, 1, 2, 2, 4, 4], "attention_levels": [5]}
F32_FFHQ = {"multipliers": [1, 1, 2, 2, 4, 4], "attention_levels": [4]}
F16 = {"multipliers": [1, 1, 2, 2, 4], "attention_levels": [4]}
F8 = {"multipliers": [1, 2, 2, 4], "attention_levels": [3]}

PAPER_ONLY = "named in the paper's table; its configuration is not among the released ones"
THROUGHPUT = "a shape of the released speed measurements; no trained weights of it are known"


def _rqvae(
    levels: dict[str, list[int]],
    codebook_size: int,
    depth: int,
    parameters: int,
    unverified: str = "",
) -> ModelPreset:
    return ModelPreset(
        kind="tokenizer",
        type="rq",
        config={
            "conv": {**CONV, **levels},
            "codebook_size": codebook_size,
            "depth": depth,
            **RQVAE,
        },
        parameters=parameters,
        counting="the one codebook and its padding row counted once, its averages not",
        source="arXiv:2203.01941 and its released code and configurations",
        unverified=unverified,
    )


X8X8X1 = _rqvae(F32, 16384, 1, 104_402_051, PAPER_ONLY)
X8X8X2 = _rqvae(F32, 16384, 2, 104_402_051, PAPER_ONLY)
X8X8X4 = _rqvae(F32, 16384, 4, 104_402_051)
X8X8X8 = _rqvae(F32, 16384, 8, 104_402_051, PAPER_ONLY)
X8X8X16 = _rqvae(F32, 16384, 16, 104_402_051, PAPER_ONLY)
FFHQ_8X8X4 = _rqvae(F32_FFHQ, 2048, 4, 100_732_035)
X8X8X1_65536 = _rqvae(F32, 65536, 1, 116_984_963, PAPER_ONLY)
X8X8X1_131072 = _rqvae(F32, 131072, 1, 133_762_179, PAPER_ONLY)
F16_1024 = _rqvae(F16, 1024, 1, 72_141_955, THROUGHPUT)
F16_16384 = _rqvae(F16, 16384, 1, 76_074_115, THROUGHPUT)
F8_16384 = _rqvae(F8, 16384, 1, 74_300_547, THROUGHPUT)
