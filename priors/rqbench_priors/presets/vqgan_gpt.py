"""GPTs over VQGAN codes (Esser et al. 2021, arXiv:2012.09841)."""

from typing import Any

from rqbench.api import ModelPreset

SECONDHAND = "width, depth and heads are from a mirrored copy of the configuration"
SCENE_DROPOUT = {"dropout": 0.1, "attention_dropout": 0.1, "embedding_dropout": 0.1}


def _gpt(
    tokenizer: str,
    layers: int,
    heads: int,
    width: int,
    num_places: int,
    parameters: int,
    conditions: tuple[int, int] | None = None,
    sampling: dict[str, Any] | None = None,
    dropout: dict[str, float] | None = None,
    unverified: str = "",
) -> ModelPreset:
    """
    Args:
        conditions: kinds of one condition token, and how many tokens.
    """
    num_conditions, length = conditions or (None, 1)
    return ModelPreset(
        kind="prior",
        type="raster",
        config={
            "layers": layers,
            "heads": heads,
            "width": width,
            "places": "input",
            "num_places": num_places,
            "condition_in": "codes",
            "output_bias": "none",
            **(dropout or {}),
        },
        tokenizer=tokenizer,
        num_conditions=num_conditions,
        condition_length=length,
        sampling={**(sampling or {}), "nucleus": "exceed"},
        parameters=parameters,
        counting="one table for codes and conditions, the output layer apart, attention masks not",
        source="arXiv:2012.09841 and its released code and configurations",
        unverified=unverified,
    )


_FACES = ("vqgan-f16-1024", 24, 16, 1664, 256, 801_798_400)
_CONDITIONAL = ("vqgan-f16-1024", 24, 16, 1024, 512, 304_932_864, (1024, 256))

IMAGENET = _gpt(
    "vqgan-f16-16384", 48, 24, 1536, 256, 1_410_640_896, (1000, 1), {"top_k": 600, "top_p": 0.92},
    unverified="its configuration is not among the released ones: sizes are those that other work "
    "gives and agree with its 1.4 billion; that it had no dropout is not confirmed",
)  # fmt: skip
FFHQ = _gpt(*_FACES, sampling={"top_k": 250}, unverified=SECONDHAND)
CELEBAHQ = _gpt(
    *_FACES, sampling={"top_k": 250}, unverified="taken to equal the FFHQ model; " + SECONDHAND
)
FACESHQ = _gpt(*_CONDITIONAL)
DRIN = _gpt(*_CONDITIONAL)
COCO = _gpt("vqgan-f16-8192", 40, 16, 1408, 348, 975_876_352, (8192, 92), dropout=SCENE_DROPOUT)
OPEN_IMAGES = _gpt(
    "vqgan-f16-8192", 36, 16, 1536, 348, 1_045_638_144, (8192, 92), dropout=SCENE_DROPOUT
)
