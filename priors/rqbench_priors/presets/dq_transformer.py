"""The published DQ-Transformers (Huang et al. 2023, arXiv:2305.11718)."""

from rqbench.api import ModelPreset

CONFIG = {
    "width": 1024,
    "heads": 8,
    "position_layers": 6,
    "content_layers": 18,
    "block_size": 2048,
    "fine_order": "row-first",
    "loss": "published",
    "dropout": 0.1,
    "attention_dropout": 0.1,
    "embedding_dropout": 0.1,
}


def _preset(num_conditions: int | None, parameters: int) -> ModelPreset:
    return ModelPreset(
        kind="prior",
        type="dq-transformer",
        config=CONFIG,
        tokenizer="dqvae-dual-entropy",
        num_conditions=num_conditions,
        sampling={"temperature": 1.0, "top_k": 300, "position_top_k": 1024},
        parameters=parameters,
        counting="all parameters; rows of pads and all 2048 slots counted, stored causal masks not",
        source="arXiv:2305.11718 and its released code and configurations",
        unverified="no weights of it were released; sampling is the released script's default, and "
        "which settings the published FIDs used is not known",
    )


IMAGENET = _preset(1000, 313_999_360)
UNCONDITIONAL = _preset(None, 308_884_480)
