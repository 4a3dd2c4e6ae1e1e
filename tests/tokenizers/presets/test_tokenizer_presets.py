"""The published tokenizers, against the sizes that their references list."""

import pytest
import torch
from torch import nn

from rqbench.api import Checkpoint, ModelPreset, Tokenizer, build_tokenizer
from rqbench.metrics.flops import count_parameters, count_stored
from rqbench.plugins import installed
from rqbench_tokenizers.dq import DQ
from rqbench_tokenizers.dq_config import DQConfig
from rqbench_tokenizers.fixed_grid import FixedGrid
from rqbench_tokenizers.importers.dqvae import DQVAEImporter
from rqbench_tokenizers.importers.rqvae import RQVAEImporter
from rqbench_tokenizers.importers.vqgan import VQGANImporter
from rqbench_tokenizers.moving_average import MovingAverage
from rqbench_tokenizers.presets import dqvae, rqvae, vqgan
from rqbench_tokenizers.rq import RQConfig
from rqbench_tokenizers.vq import VQConfig

PRESETS = {
    name: plugin.load()
    for name, plugin in installed("preset").items()
    if plugin.entry.value.startswith("rqbench_tokenizers.presets.")
}
PUBLISHED = {
    "vqgan-f16-1024": (72_141_699, (16, 16, 1, 1024)),
    "vqgan-f16-8192": (73_976_707, (16, 16, 1, 8192)),
    "vqgan-f16-16384": (76_073_859, (16, 16, 1, 16384)),
    "rqvae-8x8x1": (104_402_051, (8, 8, 1, 16384)),
    "rqvae-8x8x2": (104_402_051, (8, 8, 2, 16384)),
    "rqvae-8x8x4": (104_402_051, (8, 8, 4, 16384)),
    "rqvae-8x8x8": (104_402_051, (8, 8, 8, 16384)),
    "rqvae-8x8x16": (104_402_051, (8, 8, 16, 16384)),
    "rqvae-ffhq-8x8x4": (100_732_035, (8, 8, 4, 2048)),
    "rqvae-8x8x1-65536": (116_984_963, (8, 8, 1, 65536)),
    "rqvae-8x8x1-131072": (133_762_179, (8, 8, 1, 131072)),
    "rqvae-f16-1024": (72_141_955, (16, 16, 1, 1024)),
    "rqvae-f16-16384": (76_074_115, (16, 16, 1, 16384)),
    "rqvae-f8-16384": (74_300_547, (32, 32, 1, 16384)),
    "dqvae-dual": (48_098_437, (32, 32, 1, 1024)),
    "dqvae-dual-entropy": (47_833_731, (32, 32, 1, 1024)),
    "dqvae-triple": (74_010_502, (32, 32, 1, 1024)),
}


def on_meta(preset: ModelPreset) -> Tokenizer:
    with torch.device("meta"):
        return build_tokenizer(preset.type, preset.config, "test")


def config_of(preset: ModelPreset) -> VQConfig | RQConfig | DQConfig:
    kind = {"vq": VQConfig, "rq": RQConfig, "dq": DQConfig}[preset.type]
    return kind.model_validate(preset.config)


def count(*modules: nn.Module | None) -> int:
    return sum(count_parameters(module) for module in modules if module is not None)


def test_all_published_tokenizers_are_offered() -> None:
    assert PRESETS.keys() == PUBLISHED.keys()


@pytest.mark.parametrize("name", PUBLISHED)
def test_a_preset_has_its_published_size_and_codes(name: str) -> None:
    preset, (parameters, shape) = PRESETS[name], PUBLISHED[name]
    model = on_meta(preset)
    assert preset.parameters == count_stored(model) == parameters
    layout = model.layout(preset.resolution)
    assert (layout.height, layout.width, layout.depth, layout.codebook_size) == shape


@pytest.mark.parametrize(
    ("preset", "encoder", "decoder"),
    [
        (vqgan.F16_1024, 29_298_176, 42_449_795),
        (rqvae.F16_1024, 29_298_176, 42_449_795),
        (rqvae.X8X8X4, 41_101_312, 58_974_595),
        (rqvae.FFHQ_8X8X4, 41_101_312, 58_974_595),
    ],
)
def test_the_parts_of_one_grid_have_their_published_sizes(
    preset: ModelPreset, encoder: int, decoder: int
) -> None:
    model = on_meta(preset)
    assert isinstance(model, FixedGrid)
    ours = model.halves
    assert count(ours.encoder.trunk, ours.encoder.head) == encoder
    assert count(ours.decoder) - count(ours.decoder.post_quant_conv) == decoder
    assert count(ours.encoder.quant_conv) == count(ours.decoder.post_quant_conv) == 65_792


@pytest.mark.parametrize(
    ("preset", "encoder", "router"),
    [
        (dqvae.DUAL, 33_306_882, 264_706),
        (dqvae.DUAL_ENTROPY, 33_042_176, 0),
        (dqvae.TRIPLE, 59_218_947, 594_435),
    ],
)
def test_the_parts_of_several_grains_have_their_published_sizes(
    preset: ModelPreset, encoder: int, router: int
) -> None:
    model = on_meta(preset)
    assert isinstance(model, DQ)
    assert count(model.trunk, model.heads, model.router) == encoder
    assert count(model.router) == router
    assert count(model.decoder) - count(model.decoder.post_quant_conv) == 14_397_571
    assert count(model.quant_conv, model.decoder.post_quant_conv) == 131_584
    assert model.table.padding is not None
    assert model.table.vectors.numel() + model.table.padding.numel() == 262_400


@pytest.mark.parametrize("name", PUBLISHED)
def test_halves_are_the_published_ones_where_no_size_tells(name: str) -> None:
    conv = config_of(PRESETS[name]).conv
    assert (conv.norm_groups, conv.exact_groups, conv.norm_eps) == (32, True, 1e-6)
    assert (conv.down_padding, conv.resample_with_conv, conv.memory) == (
        "end", True, "channels-first",
    )  # fmt: skip
    assert (conv.z, conv.embedding, conv.dropout, conv.zero_init) == (256, 256, 0.0, False)
    others = {"rqvae-ffhq-8x8x4": {4}, "rqvae-f8-16384": {3}, "dqvae-triple": {3, 4, 5}}
    attention = {"dqvae-dual": {3, 4}, "dqvae-dual-entropy": {3, 4}, **others}
    at_the_grid = {len(conv.multipliers) - 1}
    assert set(conv.attention_levels) == attention.get(name, at_the_grid)


@pytest.mark.parametrize("name", PUBLISHED)
def test_codebooks_learn_as_published(name: str) -> None:
    config = config_of(PRESETS[name])
    assert config.commitment_weight == 0.25
    if isinstance(config, VQConfig):
        assert (config.codebook, config.legacy_commitment) == ("gradient", True)
        return
    average = MovingAverage(
        decay=0.99, restart_below=1.0, restart_rule="count", spares="tiled", start="random"
    )
    assert config.average == average
    assert config.padding_row
    if isinstance(config, RQConfig):
        assert (config.shared_codebook, config.updates) == (True, "in-turn")
        assert config.commitment_reduction == "mean"
    else:
        assert (config.statistics, config.codebook_term) == ("cells", True)


@pytest.mark.parametrize("preset", [dqvae.DUAL, dqvae.DUAL_ENTROPY, dqvae.TRIPLE])
def test_grains_are_routed_as_published(preset: ModelPreset) -> None:
    config = config_of(preset)
    assert isinstance(config, DQConfig)
    assert (config.positions, config.position_std) == ("fourier+learned", 1.0)
    if preset is dqvae.DUAL_ENTROPY:
        assert (config.router, config.entropy_bins) == ("entropy", "signed")
        assert (config.thresholds, config.threshold_row) == ("imagenet-train", "truncated")
        assert config.target_ratios == (0.5,)
        return
    assert (config.router, config.gate, config.router_norm_groups) == ("feature", "silu", 32)
    assert config.thresholds == "none"
    wanted = ((0.5,), (20.0,)) if preset is dqvae.DUAL else ((0.3, 0.3), (1.0, 1.0))
    assert (config.target_ratios, config.budget_weights) == wanted


@pytest.mark.parametrize("name", PUBLISHED)
def test_what_an_importer_describes_of_its_published_keys_is_the_preset(name: str) -> None:
    """Exported keys alone, without a config, tell the same model."""
    model = on_meta(PRESETS[name])
    importer = {"vq": VQGANImporter(), "rq": RQVAEImporter(), "dq": DQVAEImporter()}[
        PRESETS[name].type
    ]
    state = importer.keys(model).export(model.state_dict())
    assert importer.recognises(frozenset(state))
    zeros = {key: torch.zeros(1).expand(value.shape) for key, value in state.items()}
    described = importer.describe(Checkpoint(zeros, {}, "model.pt"), None)
    config = type(model).Config.model_validate(dict(described.config))
    assert config == model.config
