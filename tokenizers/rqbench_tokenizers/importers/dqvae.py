"""DQ-VAE checkpoints of DynamicVectorQuantization, also inside those of its priors
(arXiv:2305.11718)."""

from functools import partial

import torch

from rqbench.api import (
    Checkpoint,
    Described,
    Dropped,
    Importer,
    KeyMap,
    Prior,
    Tie,
    Tokenizer,
    constant,
    rows,
    same,
)  # fmt: skip

from ..dq import DQ
from ..dq_config import DQConfig
from ..dq_thresholds import threshold_buffers
from ..published import DQVAE
from .conv_keys import decoder, head, layer, trunk
from .dqvae_config import grain_names, read_config
from .prefix import LOSSES, prefix_of
from .published_yaml import tokenizer_part

BUFFERS = ("thresholds", "operating_thresholds", "calibrated")
DROPPED = (
    LOSSES,
    Dropped(
        r"decoder\.position_bias\.(row|col)_embed\.weight",
        "positions that the published decoder has and never adds",
    ),
)


def _is_dqvae(keys: list[str]) -> bool:
    return any(key.startswith("encoder.mid_") for key in keys)


class DQVAEImporter(Importer):
    """Tokenizers of two or three grains, with either router."""

    project = "DynamicVectorQuantization"
    kind = "tokenizer"

    def recognises(self, keys: frozenset[str]) -> bool:
        return prefix_of(keys, _is_dqvae) is not None

    def describe(self, checkpoint: Checkpoint, tokenizer: Tokenizer | None) -> Described:
        prefix = prefix_of(checkpoint.state, _is_dqvae) or ""
        part = tokenizer_part(checkpoint.config)
        config, notes = read_config(checkpoint.below(prefix), part)
        return Described(
            type="dq",
            config={**DQVAE, **config},
            prefix=prefix,
            dropped=DROPPED,
            resolution=config["resolution"],
            notes=notes,
        )

    def keys(self, model: Tokenizer | Prior) -> KeyMap:
        assert isinstance(model, DQ)
        config = model.config
        grains = grain_names(len(config.grain_sizes))
        ties = [
            *trunk(config.conv, "trunk", "encoder"),
            *layer("quant_conv", "quant_conv"),
            *layer("decoder.post_quant_conv", "post_quant_conv"),
            *decoder(config.fine_conv, "decoder", "decoder"),
            rows(("table.vectors", "table.padding"), "quantize.codebook.weight"),
            same("table.counts", "quantize.codebook.cluster_size_ema"),
            same("table.sums", "quantize.codebook.embed_ema"),
            constant("table.initialised", lambda: torch.tensor(True)),
        ]
        for index, grain in enumerate(grains):
            ties += head(f"heads.{index}", "encoder", f"_{grain}")
        ties += _positions(config)
        if config.router == "feature":
            ties += _router(config, grains)
        ties += [constant(name, partial(_buffer, config, name)) for name in BUFFERS]
        return KeyMap(tuple(ties))


def _positions(config: DQConfig) -> list[Tie]:
    both = config.positions == "fourier+learned"
    if config.positions == "none":
        return []
    name = "decoder.position_bias_fourier" if both else "decoder.position_bias"
    ties = list(layer("decoder.positions.0.conv", f"{name}.lff.ffm.conv"))
    if both:
        for table in ("row_embed", "col_embed"):
            theirs = f"decoder.position_bias_learned.{table}.weight"
            ties.append(same(f"decoder.positions.1.{table}", theirs))
    return ties


def _router(config: DQConfig, grains: tuple[str, ...]) -> list[Tie]:
    ours, theirs = "router.gate", "encoder.router.gate"
    layers = [("0", "")] if config.gate == "linear" else [("0", ".0"), ("2", ".2")]
    ties = [tie for our, their in layers for tie in layer(f"{ours}.{our}", theirs + their)]
    if config.router_norm_groups != 0:
        for index, grain in enumerate(grains):
            ties += layer(f"router.norms.{index}", f"encoder.router.feature_norm_{grain}")
    return ties


def _buffer(config: DQConfig, name: str) -> torch.Tensor:
    with torch.device("cpu"):  # also while a model is built without memory
        return threshold_buffers(config)[name]
