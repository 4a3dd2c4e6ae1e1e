"""The published tokenizers, against the sizes that their references list."""

import pytest
import torch
from torch import nn

from rqbench.api import Checkpoint, ModelPreset, Tokenizer, build_tokenizer
from rqbench.metrics.flops import count_parameters, count_stored
from rqbench.plugins import installed
from rqbench_tokenizers.dq import DQ
from rqbench_tokenizers.fixed_grid import FixedGrid
from rqbench_tokenizers.importers.dqvae import DQVAEImporter
from rqbench_tokenizers.importers.rqvae import RQVAEImporter
from rqbench_tokenizers.importers.vqgan import VQGANImporter
from rqbench_tokenizers.presets import dqvae, rqvae, vqgan

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
