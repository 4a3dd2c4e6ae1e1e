"""The tokenizers that questions ask about, their halves solved for the same multiply-adds.

Each function gives one tokenizer under its name, for an experiment's `tokenizers`. The reference is
`coarse_vq`. Channels are a coarse knob, and the channels between encoder and vectors a fine one.
"""

from collections.abc import Callable, Mapping
from math import isqrt
from typing import Any

from rqbench.api import CodeLayout, ConfigError, within

from .scale import Scale
from .sizes import Spec, spec, tokenizer_layout, tokenizer_macs
from .solve import hold_equal, nearest_size

FURTHEST, DEEPEST = 2, 8
"""How many times the reference's the solved channels, and those before the vectors, may be."""

CLOSE = 0.005
"""Multiply-adds this near to the reference's need no fine knob, and leave room for all pairs."""

Named = tuple[str, Spec]


def coarse_vq(scale: Scale, resolution: int) -> Named:
    """VQ with one code a position."""
    made = spec("vq", _common(scale), {"conv": scale.conv})
    return f"vq-{_grid(tokenizer_layout(made, resolution))}", made


def fine_vq(scale: Scale, resolution: int, finer: int) -> Named:
    """VQ on a grid that is `finer` times as fine: its halves lack the coarsest levels.

    Raises:
        ConfigError: halves with too few levels.
    """
    _, reference = coarse_vq(scale, resolution)
    levels = scale.conv.get("multipliers", ())
    kept = len(levels) + 1 - finer.bit_length()
    if kept < 1:
        raise ConfigError(
            f"experiment.scale.conv.multipliers: {list(levels)} has too few levels for a control "
            f"whose grid is {finer} times finer. Name {finer.bit_length()} or more, with a smaller "
            "`patch` if the coarse grid is to stay."
        )
    conv = {**scale.conv, "multipliers": list(levels[:kept])}
    if scale.fine_res_blocks is not None:
        conv["num_res_blocks"] = scale.fine_res_blocks
    made = _solved(lambda halves: spec("vq", _common(scale), halves), conv, reference, resolution)
    return f"vq-{_grid(tokenizer_layout(made, resolution))}", made


def rq(scale: Scale, resolution: int) -> Named:
    """RQ in the halves of the coarse VQ."""
    made = spec("rq", _common(scale), scale.rq, {"depth": scale.depth, "conv": scale.conv})
    grid = _grid(tokenizer_layout(made, resolution))
    return f"rq-{grid}x{scale.depth}", made


def pairs_rq(scale: Scale, resolution: int) -> Named:
    """RQ in the halves of the coarse VQ, with two codes of as many bits as one of its.

    Raises:
        ConfigError: a codebook whose size is no square.
    """
    size = isqrt(scale.codebook_size)
    if size**2 != scale.codebook_size or size < 2:
        raise ConfigError(
            f"experiment.scale.codebook_size: {scale.codebook_size} is no square, so no two equal "
            "codebooks give as many bits. Set it to 256, 1024, 4096, ..."
        )
    sizes = {"codebook_size": size, "depth": 2, "conv": scale.conv}
    made = spec("rq", _common(scale), scale.rq, sizes)
    return f"rq-{_grid(tokenizer_layout(made, resolution))}x2-k{size}", made


def dq(scale: Scale, resolution: int) -> Named:
    """DQ whose coarsest grain has the coarse VQ's grid."""
    _, reference = coarse_vq(scale, resolution)

    def make(halves: Mapping[str, Any]) -> Spec:
        return spec("dq", _common(scale), scale.dq, {"resolution": resolution}, halves)

    made = _solved(make, scale.conv, reference, resolution)
    layout = tokenizer_layout(made, resolution)
    rows, columns = layout.region_grid
    return f"dq-{rows}x{columns}-{_grid(layout)}", made


def hold_macs_equal(tokenizers: Mapping[str, Spec], resolution: int) -> None:
    """
    Raises:
        ConfigError: multiply-adds that differ by more than 2%.
    """
    amounts = {name: tokenizer_macs(made, resolution) for name, made in tokenizers.items()}
    mend = "Widen conv.channels, or make codebook_size or depth smaller."
    hold_equal("multiply-adds", amounts, mend)


def _solved(
    make: Callable[[Mapping[str, Any]], Spec],
    conv: Mapping[str, Any],
    reference: Spec,
    resolution: int,
) -> Spec:
    """The tokenizer whose halves cost as many multiply-adds as the reference."""
    target = tokenizer_macs(reference, resolution)
    base = reference["config"]["conv"]

    def build(channels: int, **further: int) -> Spec:
        return make({"conv": {**conv, "channels": channels, **further}})

    def macs(channels: int, **further: int) -> int:
        return tokenizer_macs(build(channels, **further), resolution)

    given = base["channels"]
    channels = nearest_size(macs, target, max(given // FURTHEST, 1), FURTHEST * given)
    if within(macs(channels), target, CLOSE):
        return build(channels)
    if macs(channels) > target:
        channels = max(channels - 1, 1)
    least = base.get("latent_channels") or base["embedding"]
    between = nearest_size(
        lambda size: macs(channels, latent_channels=size), target, least, DEEPEST * least
    )
    return build(channels, latent_channels=between)


def _common(scale: Scale) -> dict[str, Any]:
    return {"codebook_size": scale.codebook_size, **scale.quantizer}


def _grid(layout: CodeLayout) -> str:
    return f"{layout.height}x{layout.width}"
