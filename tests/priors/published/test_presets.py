"""Mirrors rqbench_priors/presets/vqgan_gpt.py and rq_transformer.py: their sizes, against the
published key trees and the counts of the papers."""

import math
from collections.abc import Iterable

import pytest
import torch

from rqbench.api import CodeLayout, ConditionSpec, ModelPreset, Sampling, parse_config
from rqbench.plugins import find
from rqbench_priors.depth_stacked import DepthStacked, DepthStackedConfig
from rqbench_priors.presets import rq_transformer, vqgan_gpt
from rqbench_priors.raster import Raster, RasterConfig

from .gpt_keys import gpt_keys
from .rq_transformer_keys import rq_transformer_keys

LAYOUTS = {
    "vqgan-f16-1024": CodeLayout(16, 16, 1, 1024),
    "vqgan-f16-8192": CodeLayout(16, 16, 1, 8192),
    "vqgan-f16-16384": CodeLayout(16, 16, 1, 16384),
    "rqvae-ffhq-8x8x4": CodeLayout(8, 8, 4, 2048),
    "rqvae-8x8x4": CodeLayout(8, 8, 4, 16384),
    "rqvae-f16-1024": CodeLayout(16, 16, 1, 1024),
    "rqvae-f16-16384": CodeLayout(16, 16, 1, 16384),
}
PUBLISHED = {
    "IMAGENET": 1_410_640_896, "FFHQ": 801_798_400, "CELEBAHQ": 801_798_400,
    "FACESHQ": 304_932_864, "DRIN": 304_932_864, "COCO": 975_876_352,
    "OPEN_IMAGES": 1_045_638_144,
    "FFHQ_350M": 355_393_536, "CHURCH_370M": 370_087_936, "LSUN_612M": 612_061_184,
    "IMAGENET_480M": 480_921_088, "IMAGENET_821M": 820_899_328, "IMAGENET_1_4B": 1_387_529_728,
    "IMAGENET_3_8B": 3_822_488_064, "CC3M_654M": 654_061_568,
    "THROUGHPUT_VQGAN_LARGE": 802_618_112, "THROUGHPUT_VQGAN_HUGE": 1_387_820_032,
    "THROUGHPUT_8X8X4_LARGE": 820_899_328, "THROUGHPUT_8X8X4_HUGE": 1_387_529_728,
    "THROUGHPUT_16X16X1_HUGE": 1_387_820_032,
}  # fmt: skip


def presets(module: object) -> dict[str, ModelPreset]:
    return {name: value for name, value in vars(module).items() if isinstance(value, ModelPreset)}


GPTS, RQ_TRANSFORMERS = presets(vqgan_gpt), presets(rq_transformer)


def built(preset: ModelPreset) -> Raster | DepthStacked:
    layout = LAYOUTS[preset.tokenizer or ""]
    spec = None
    if preset.num_conditions:
        spec = ConditionSpec(preset.num_conditions, preset.condition_length)
    with torch.device("meta"):
        if preset.type == "raster":
            return Raster(parse_config(RasterConfig, preset.config, "preset"), layout, None, spec)
        codebook = torch.empty(layout.depth, layout.codebook_size, 256)
        config = parse_config(DepthStackedConfig, preset.config, "preset")
        return DepthStacked(config, layout, codebook, spec)


def total(shapes: Iterable[tuple[int, ...]]) -> int:
    return sum(math.prod(shape) for shape in shapes)


def values(prior: torch.nn.Module) -> int:
    return total(tuple(weight.shape) for weight in prior.parameters())


@pytest.mark.parametrize("name", GPTS)
def test_gpts_have_the_values_of_the_published_keys(name):
    preset = GPTS[name]
    sizes = {key: preset.config[key] for key in ("num_places", "width", "layers")}
    shapes = gpt_keys(LAYOUTS[preset.tokenizer].codebook_size, **sizes)
    expected = total(shape for key, shape in shapes.items() if not key.endswith(".mask"))
    assert values(built(preset)) == expected == preset.parameters == PUBLISHED[name]


@pytest.mark.parametrize("name", RQ_TRANSFORMERS)
def test_rq_transformers_have_the_values_of_the_published_keys(name):
    preset = RQ_TRANSFORMERS[name]
    layout = LAYOUTS[preset.tokenizer]
    shapes = rq_transformer_keys(
        positions=layout.height * layout.width,
        depth=layout.depth,
        codebook_size=layout.codebook_size,
        vector_width=256,
        num_conditions=preset.num_conditions or 1,
        length=preset.condition_length,
        **{key: preset.config[key] for key in ("width", "body_layers", "depth_layers")},
    )
    assert values(built(preset)) == total(shapes.values())
    assert preset.parameters == PUBLISHED.get(name)
    assert preset.parameters in {None, total(shapes.values())}


def test_the_raster_model_of_figure_4_is_not_the_gpt_that_it_stands_for():
    figure, gpt = rq_transformer.THROUGHPUT_VQGAN_HUGE, vqgan_gpt.IMAGENET
    assert (figure.type, gpt.type) == ("depth-stacked", "raster")
    # the GPT has a row for each code among its inputs; the other one projects vectors of 256, and
    # has rows for 1000 classes, a place for the class, one for the depth, and biases of its logits
    rows, projections = (16384 - 1000) * 1536, 2 * (256 + 1) * 1536
    assert gpt.parameters - figure.parameters == rows - projections - 2 * 1536 - 16384


def test_each_names_an_installed_tokenizer_whose_codes_it_models():
    for tokenizer, layout in LAYOUTS.items():
        preset = find("preset", tokenizer).load()
        assert preset.kind == "tokenizer"
        with torch.device("meta"):
            cls = find("tokenizer", preset.type).load()
            model = cls(parse_config(cls.Config, preset.config, tokenizer))
            assert model.layout(256) == layout
            assert model.codebook().shape == (layout.depth, layout.codebook_size, 256)


def test_they_draw_as_published():
    drawn = {name: parse_config(Sampling, preset.sampling, name)
             for name, preset in (GPTS | RQ_TRANSFORMERS).items()}  # fmt: skip
    assert {drawn[name].nucleus for name in GPTS} == {"exceed"}
    assert {drawn[name].nucleus for name in RQ_TRANSFORMERS} == {"reach"}
    told = {name: (found.top_k, found.top_p) for name, found in drawn.items()}
    faces = dict.fromkeys(("FFHQ", "CELEBAHQ", "FFHQ_350M", "CHURCH_370M", "LSUN_612M"), (250, 1.0))
    others = {"IMAGENET": (600, 0.92), "CC3M_654M": (16384, 0.7)} | faces
    classes = {name for name in told if name.startswith("IMAGENET_")}
    everything = dict.fromkeys(told, (None, 1.0))
    assert told == everything | dict.fromkeys(classes, (16384, 0.92)) | others


def test_layers_are_split_as_published():
    """Parameters do not tell how many are of the body and how many of the depth transformer."""
    large = dict.fromkeys(("IMAGENET_1_4B", "IMAGENET_3_8B", "THROUGHPUT_8X8X4_HUGE"), (42, 6))
    flat = {f"THROUGHPUT_16X16X1_{size}": (28, 0) for size in ("SMALL", "MEDIUM", "LARGE")}
    huge = {"THROUGHPUT_16X16X1_HUGE": (48, 0), "THROUGHPUT_VQGAN_HUGE": (48, 0)}
    others = {"LSUN_612M": (26, 4), "CC3M_654M": (26, 4), "IMAGENET_480M": (12, 4),
              "THROUGHPUT_VQGAN_LARGE": (24, 0)}  # fmt: skip
    told = {name: (preset.config["body_layers"], preset.config["depth_layers"])
            for name, preset in RQ_TRANSFORMERS.items()}  # fmt: skip
    assert told == dict.fromkeys(told, (24, 4)) | large | flat | huge | others


def test_conditions_are_the_published_ones():
    """Parameters of a GPT do not tell them: its conditions look up the rows of its codes."""
    told = {name: (preset.num_conditions, preset.condition_length)
            for name, preset in (GPTS | RQ_TRANSFORMERS).items()}  # fmt: skip
    none = dict.fromkeys(("FFHQ", "CELEBAHQ", "FFHQ_350M", "CHURCH_370M", "LSUN_612M"), (None, 1))
    grids = {"FACESHQ": (1024, 256), "DRIN": (1024, 256)}
    scenes = {"COCO": (8192, 92), "OPEN_IMAGES": (8192, 92)}
    texts = {"CC3M_654M": (16384, 32)}
    assert told == dict.fromkeys(told, (1000, 1)) | none | grids | scenes | texts


def test_heads_are_the_published_ones():
    """Parameters do not tell them."""
    sizes = {name: preset.config["width"] // preset.config["heads"]
             for name, preset in (GPTS | RQ_TRANSFORMERS).items()}  # fmt: skip
    others = {"FFHQ": 104, "CELEBAHQ": 104, "COCO": 88, "OPEN_IMAGES": 96,
              "THROUGHPUT_VQGAN_LARGE": 104}  # fmt: skip
    assert sizes == dict.fromkeys(GPTS | RQ_TRANSFORMERS, 64) | others


def test_they_train_as_published():
    scenes = {"COCO", "OPEN_IMAGES"}
    for name, preset in GPTS.items():
        trained = parse_config(RasterConfig, preset.config, name)
        rates = trained.dropout, trained.attention_dropout, trained.embedding_dropout
        assert rates == ((0.1,) * 3 if name in scenes else (0.0,) * 3)
    for name, preset in RQ_TRANSFORMERS.items():
        trained = parse_config(DepthStackedConfig, preset.config, name)
        rates = trained.dropout, trained.attention_dropout, trained.embedding_dropout
        assert rates == (0.3 if name == "IMAGENET_3_8B" else 0.1, 0.0, 0.0)
        assert trained.bias_per_depth
        assert trained.soft_epsilon == 1e-7


def test_captions_weigh_a_tenth_of_the_loss():
    assert built(rq_transformer.CC3M_654M).condition_head[1].out_features == 16384
    assert rq_transformer.CC3M_654M.config["condition_loss_weight"] == 0.1
