"""The config of a published DQ-VAE, from its weights and the config beside them."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from rqbench.api import CheckpointError

from ..conv_config import ConvConfig
from ..published import DQVAE_ENTROPY, DQVAE_LEARNED
from ..published_thresholds import published_tables
from .conv_shapes import (
    State,
    bottleneck,
    decoder_config,
    encoder_config,
    same_rows,
    shape,
    with_any,
)
from .learning import average, commitment_weight
from .published_yaml import agree, agree_on_conv, section, side, value

ENCODER, DECODER = ("encoderconfig", "encoder_config"), ("decoderconfig", "decoder_config")
"""Sections with the same keys, which therefore have to be told apart."""
CALIBRATED_FOR_UNIT = (
    "The thresholds of the published tables were made with entropy bins on [0, 1], with which the "
    "released rFID was measured: --set entropy_bins=unit. Kept are bins on [-1, 1], as in the code "
    "released since; there the shares of fine regions are other than nominal."
)


def grain_names(number: int) -> tuple[str, ...]:
    """As they stand in published keys, coarse to fine."""
    return ("coarse", "fine") if number == 2 else ("coarse", "median", "fine")


def read_config(state: State, part: Mapping[str, Any]) -> tuple[dict[str, Any], tuple[str, ...]]:
    """Plain values of a `DQConfig`, without what all published ones have, and notes.

    Raises:
        CheckpointError: a variant that rqbench does not have, or a config that contradicts the
            weights.
    """
    num_grains = 3 if with_any(state, "encoder.mid_median.") else 2
    conv, fine = _halves(state, num_grains, part)
    resolution, positions, notes = _positions(state, fine, part)
    router, more = _router(state, num_grains, part)
    z = conv["latent_channels"] or conv["embedding"]
    if router.get("router_norm_groups") and z % router["router_norm_groups"]:
        raise CheckpointError(
            f"The router's norms have {z} channels, which do not divide into "
            f"{router['router_norm_groups']} groups. Its config says how many there are "
            "(normalization_type): give it with --config."
        )
    if router["router"] == "entropy":
        agree(part, "entropy_patch_size", ConvConfig(**conv).downsample)
    table = section(part, "vqconfig", "vq_config") or part
    codebook_size = shape(state, "quantize.codebook.weight", axes=2)[0] - 1
    agree(table, "codebook_size", codebook_size)
    agree(table, "codebook_dim", conv["embedding"])
    config = {
        "conv": conv,
        "decoder": _own_decoder(conv, fine, num_grains),
        "resolution": resolution,
        "positions": positions,
        "codebook_size": codebook_size,
        "grain_sizes": [2 ** (num_grains - 1 - grain) for grain in range(num_grains)],
        "average": average(table, restarts=True),
        "commitment_weight": commitment_weight(table, "commitment_beta", "beta"),
        **router,
    }
    if not part:
        notes = (*notes, "Without a config, dropout is 0 and the codebook learns as published.")
    return config, notes + more


def _halves(
    state: State, num_grains: int, part: Mapping[str, Any]
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Of the encoder and the decoder, compared with the config."""
    between = bottleneck(state, "encoder.conv_out_coarse")
    told_encoder, told_decoder = section(part, *ENCODER), section(part, *DECODER)
    conv = encoder_config(state)
    fine = decoder_config(state, value(told_decoder, "ch") or conv["channels"])
    agree(told_encoder, "in_channels", 3)
    agree(told_decoder, "out_ch", 3)
    for levels, told in ((conv, told_encoder), (fine, told_decoder)):
        agree_on_conv(told, levels)
        levels |= {**between, "dropout": value(told, "dropout") or 0.0}
    missing = len(conv["multipliers"]) - len(fine["multipliers"])
    if missing != num_grains - 1:
        raise CheckpointError(
            f"The encoder halves {missing} times more than the decoder doubles, and {num_grains} "
            f"grains need {num_grains - 1}. The checkpoint is of a variant that rqbench lacks."
        )
    return conv, fine


def _own_decoder(
    conv: dict[str, Any], fine: dict[str, Any], num_grains: int
) -> dict[str, Any] | None:
    """The decoder's levels, unless they are the first ones of the encoder."""
    first = ConvConfig(**conv).finest(len(conv["multipliers"]) - num_grains + 1)
    return None if ConvConfig(**fine) == first else fine


def _positions(
    state: State, fine: Mapping[str, Any], part: Mapping[str, Any]
) -> tuple[int, str, tuple[str, ...]]:
    """Side of the images, what the decoder knows of positions, and a note."""
    encoder = section(part, *ENCODER)
    told = side(encoder)
    if with_any(state, "decoder.position_bias_learned."):
        table = "decoder.position_bias_learned"
        rows = same_rows(state, f"{table}.row_embed.weight", f"{table}.col_embed.weight")
        resolution = rows * 2 ** (len(fine["multipliers"]) - 1)
        agree(encoder, "resolution", resolution)
        return resolution, "fourier+learned", ()
    positions = "fourier" if with_any(state, "decoder.position_bias.lff.") else "none"
    if told is None:
        return 256, positions, ("Nothing tells the side of its images; 256 pixels are taken.",)
    return told, positions, ()


def _router(
    state: State, num_grains: int, part: Mapping[str, Any]
) -> tuple[dict[str, Any], tuple[str, ...]]:
    told = section(part, "router_config", "routerconfig")
    target, is_learned = value(told, "target"), with_any(state, "encoder.router.")
    if target is not None and ("Entropy" in str(target)) == is_learned:
        raise CheckpointError(
            f"The config says router_config.target: {target}, and the weights have "
            f"{'a' if is_learned else 'no'} learned router. They are of different models: give the "
            "config of this checkpoint, with --config."
        )
    return _learned(state, num_grains, part) if is_learned else _by_entropy(num_grains, part)


def _learned(
    state: State, num_grains: int, part: Mapping[str, Any]
) -> tuple[dict[str, Any], tuple[str, ...]]:
    notes = []
    gate, norm = value(part, "gate_type"), value(part, "normalization_type")
    if not with_any(state, "encoder.router.gate.0."):
        kind = "linear"
        agree(part, "gate_type", "1layer-fc")
    elif gate is None or gate == "2layer-fc-SiLu":
        kind = "silu"
    elif gate == "2layer-fc-ReLu":
        kind = "relu"
    else:
        raise CheckpointError(
            f"The config says gate_type: {gate}. rqbench has the published gates 1layer-fc, "
            "2layer-fc-SiLu and 2layer-fc-ReLu."
        )
    groups = 0
    if with_any(state, "encoder.router.feature_norm_"):
        match = re.fullmatch(r"group-(\d+)", str(norm or "group-32"))
        if match is None:
            raise CheckpointError(
                f"The config says normalization_type: {norm}, and the weights have norms of groups:"
                " it should be group-32 or alike. Give the config of this checkpoint."
            )
        groups = int(match[1])
    else:
        agree(part, "normalization_type", "none")
    if gate is None or (groups and norm is None):
        notes.append("Of its router, SiLU and norms of 32 groups are taken, as published.")
    budget, more = _budget(num_grains, part)
    return {**DQVAE_LEARNED, "gate": kind, "router_norm_groups": groups, **budget}, (*notes, *more)


def _budget(num_grains: int, part: Mapping[str, Any]) -> tuple[dict[str, Any], tuple[str, ...]]:
    """What its training goes on to aim at. Two grains count gamma twice, three the fine one's."""
    keys = ["target_ratio"] if num_grains == 2 else ["target_median_ratio", "target_fine_ratio"]
    told = section(part, "budget_loss_config", "budget_config", "budgetconfig") or part
    ratios, gamma = [value(told, key) for key in keys], value(told, "gamma")
    if None in ratios or gamma is None:
        ratios = [0.5] if num_grains == 2 else [0.3, 0.3]
        note = f"The config tells no whole budget: {ratios} is taken, should it be trained on."
        return {"target_ratios": ratios}, (note,)
    twice = 2 if value(told, "calculate_all") is not False else 1
    weights = [twice * gamma] if num_grains == 2 else [1.0, gamma]
    return {"target_ratios": ratios, "budget_weight": weights}, ()


def _by_entropy(num_grains: int, part: Mapping[str, Any]) -> tuple[dict[str, Any], tuple[str, ...]]:
    """Thresholds are not in the weights: the table and the share that the config names."""
    if num_grains != 2:
        raise CheckpointError(
            "The checkpoint lacks encoder.router.gate.0.weight: three grains were published with a "
            "learned router only."
        )
    notes, ratio = [CALIBRATED_FOR_UNIT], value(part, "fine_grain_ratito", "fine_grain_ratio")
    files = [text for text in _texts(part) if text.endswith(".json")]
    named = [table for table in published_tables() if any(_names(table, file) for file in files)]
    if ratio is None or len(named) != 1:
        notes.append(
            f"Thresholds are not in the weights. The config says {ratio or 'no'} share of fine "
            f"regions and the file {', '.join(files) or 'none'}: taken are {ratio or 0.5} and the "
            f"published table {named[0] if named else 'imagenet-train'}. Others with --set "
            "target_ratios=[0.3], --set thresholds=ffhq-train or --set thresholds=[1.68]."
        )
    table = {"thresholds": named[0]} if named else {}
    return {**DQVAE_ENTROPY, **table, "target_ratios": [0.5 if ratio is None else ratio]}, tuple(
        notes
    )


def _names(table: str, file: str) -> bool:
    return table in file.rpartition("/")[2].replace("_", "-")


def _texts(node: Any) -> Iterator[str]:
    """All texts in nested mappings and lists."""
    if isinstance(node, str):
        yield node
    inner = node.values() if isinstance(node, Mapping) else node if isinstance(node, list) else ()
    for each in inner:
        yield from _texts(each)
