"""RQ-Transformers and the shapes of their speed tests (Lee et al. 2022, arXiv:2203.01941)."""

from typing import Any

from rqbench.api import ModelPreset

UNTRAINED = "a shape of the released speed measurements; no trained weights of it are known"


def _rq_transformer(
    tokenizer: str,
    width: int,
    heads: int,
    layers: tuple[int, int],
    parameters: int | None,
    conditions: tuple[int, int] | None = None,
    sampling: dict[str, Any] | None = None,
    dropout: float = 0.1,
    unverified: str = "",
) -> ModelPreset:
    """
    Args:
        layers: of the body, and of the depth transformer.
        conditions: kinds of one condition token, and how many tokens.
    """
    num_conditions, length = conditions or (None, 1)
    config = {
        "width": width,
        "heads": heads,
        "body_layers": layers[0],
        "depth_layers": layers[1],
        "dropout": dropout,
        "output_bias": "shared",
        "bias_per_depth": True,
        "soft_epsilon": 1e-7,
    }
    if not layers[1]:
        config["unused_depth_inputs"] = True
    if length > 1:
        config["condition_loss_weight"] = 0.1
    return ModelPreset(
        kind="prior",
        type="depth-stacked",
        config=config,
        tokenizer=tokenizer,
        num_conditions=num_conditions,
        condition_length=length,
        sampling=sampling or {},
        parameters=parameters,
        counting="all trained values, the tokenizer's vectors not; with one code a position also "
        "the input layer of the depth transformer, which nothing passes",
        source="arXiv:2203.01941 and its released code and configurations",
        unverified=unverified,
    )


def _imagenet(
    width: int,
    heads: int,
    layers: tuple[int, int],
    parameters: int,
    dropout: float = 0.1,
    unverified: str = "",
) -> ModelPreset:
    return _rq_transformer(
        "rqvae-8x8x4", width, heads, layers, parameters, (1000, 1),
        {"top_k": 16384, "top_p": 0.92}, dropout, unverified,
    )  # fmt: skip


_TOP_250 = {"top_k": 250}
FFHQ_350M = _rq_transformer("rqvae-ffhq-8x8x4", 1024, 16, (24, 4), 355_393_536, sampling=_TOP_250)
CHURCH_370M = _rq_transformer("rqvae-8x8x4", 1024, 16, (24, 4), 370_087_936, sampling=_TOP_250)
LSUN_612M = _rq_transformer("rqvae-8x8x4", 1280, 20, (26, 4), 612_061_184, sampling=_TOP_250)
IMAGENET_480M = _imagenet(
    1536, 24, (12, 4), 480_921_088,
    unverified="its archive is said to sample at top-k 256 and top-p 0.95, not as configured here",
)  # fmt: skip
IMAGENET_821M = _imagenet(1536, 24, (24, 4), 820_899_328)
IMAGENET_1_4B = _imagenet(1536, 24, (42, 6), 1_387_529_728)
IMAGENET_3_8B = _imagenet(
    2560, 40, (42, 6), 3_822_488_064, 0.3, "dropout 0.3 stands in the paper's supplement alone"
)
CC3M_654M = _rq_transformer(
    "rqvae-8x8x4", 1280, 20, (26, 4), 654_061_568, (16384, 32), {"top_k": 16384, "top_p": 0.7}
)


def _throughput(
    tokenizer: str, width: int, heads: int, layers: tuple[int, int], parameters: int | None = None
) -> ModelPreset:
    """Drawn with random weights, class 0 and all symbols."""
    return _rq_transformer(
        tokenizer, width, heads, layers, parameters, (1000, 1), unverified=UNTRAINED
    )


_STACKS, _ONE_CODE = "rqvae-8x8x4", "rqvae-f16-16384"
THROUGHPUT_8X8X4_SMALL = _throughput(_STACKS, 512, 8, (24, 4))
THROUGHPUT_8X8X4_MEDIUM = _throughput(_STACKS, 1024, 16, (24, 4))
THROUGHPUT_8X8X4_LARGE = _throughput(_STACKS, 1536, 24, (24, 4), 820_899_328)
THROUGHPUT_8X8X4_HUGE = _throughput(_STACKS, 1536, 24, (42, 6), 1_387_529_728)
THROUGHPUT_16X16X1_SMALL = _throughput(_ONE_CODE, 512, 8, (28, 0))
THROUGHPUT_16X16X1_MEDIUM = _throughput(_ONE_CODE, 1024, 16, (28, 0))
THROUGHPUT_16X16X1_LARGE = _throughput(_ONE_CODE, 1536, 24, (28, 0))
THROUGHPUT_16X16X1_HUGE = _throughput(_ONE_CODE, 1536, 24, (48, 0), 1_387_820_032)
THROUGHPUT_VQGAN_LARGE = _throughput("rqvae-f16-1024", 1664, 16, (24, 0), 802_618_112)
THROUGHPUT_VQGAN_HUGE = _throughput(_ONE_CODE, 1536, 24, (48, 0), 1_387_820_032)
