"""Keys and shapes of the published convolutional halves, from the tables of the three projects.

`dd` is the section of that name in the published configs (of DQ-VAE those of encoder and decoder).
"""

from collections.abc import Mapping
from typing import Any

Shapes = dict[str, tuple[int, ...]]


def conv(name: str, into: int, out: int, kernel: int) -> Shapes:
    return {f"{name}.weight": (out, into, kernel, kernel), f"{name}.bias": (out,)}


def norm(name: str, channels: int) -> Shapes:
    return {f"{name}.weight": (channels,), f"{name}.bias": (channels,)}


def res_block(name: str, into: int, out: int) -> Shapes:
    keys = {
        **norm(f"{name}.norm1", into),
        **conv(f"{name}.conv1", into, out, 3),
        **norm(f"{name}.norm2", out),
        **conv(f"{name}.conv2", out, out, 3),
    }
    return keys if into == out else {**keys, **conv(f"{name}.nin_shortcut", into, out, 1)}


def attn_block(name: str, channels: int) -> Shapes:
    keys = norm(f"{name}.norm", channels)
    for part in ("q", "k", "v", "proj_out"):
        keys |= conv(f"{name}.{part}", channels, channels, 1)
    return keys


def mid(name: str, channels: int) -> Shapes:
    return {
        **res_block(f"{name}.block_1", channels, channels),
        **attn_block(f"{name}.attn_1", channels),
        **res_block(f"{name}.block_2", channels, channels),
    }


def encoder_levels(dd: Mapping[str, Any]) -> Shapes:
    keys = conv("encoder.conv_in", 3, dd["ch"], 3)
    side, into = dd["resolution"], dd["ch"]
    for level, multiplier in enumerate(dd["ch_mult"]):
        out = dd["ch"] * multiplier
        for block in range(dd["num_res_blocks"]):
            keys |= res_block(f"encoder.down.{level}.block.{block}", into, out)
            into = out
            if side in dd["attn_resolutions"]:
                keys |= attn_block(f"encoder.down.{level}.attn.{block}", out)
        if level < len(dd["ch_mult"]) - 1:
            if dd.get("resamp_with_conv", True):
                keys |= conv(f"encoder.down.{level}.downsample.conv", out, out, 3)
            side //= 2
    return keys


def encoder_head(channels: int, z: int, grain: str = "") -> Shapes:
    return {
        **mid(f"encoder.mid{grain}", channels),
        **norm(f"encoder.norm_out{grain}", channels),
        **conv(f"encoder.conv_out{grain}", channels, z, 3),
    }


def decoder(dd: Mapping[str, Any], z: int) -> Shapes:
    levels = len(dd["ch_mult"])
    side, into = dd["resolution"] // 2 ** (levels - 1), dd["ch"] * dd["ch_mult"][-1]
    keys = {**conv("decoder.conv_in", z, into, 3), **mid("decoder.mid", into)}
    for level in range(levels - 1, -1, -1):
        out = dd["ch"] * dd["ch_mult"][level]
        for block in range(dd["num_res_blocks"] + 1):
            keys |= res_block(f"decoder.up.{level}.block.{block}", into, out)
            into = out
            if side in dd["attn_resolutions"]:
                keys |= attn_block(f"decoder.up.{level}.attn.{block}", out)
        if level:
            if dd.get("resamp_with_conv", True):
                keys |= conv(f"decoder.up.{level}.upsample.conv", out, out, 3)
            side *= 2
    return {**keys, **norm("decoder.norm_out", into), **conv("decoder.conv_out", into, 3, 3)}


def halves(dd: Mapping[str, Any], embed_dim: int) -> Shapes:
    """All keys of a tokenizer with one grid but those of its quantizer."""
    z = dd["z_channels"]
    return {
        **encoder_levels(dd),
        **encoder_head(dd["ch"] * dd["ch_mult"][-1], z),
        **decoder(dd, z),
        **conv("quant_conv", z, embed_dim, 1),
        **conv("post_quant_conv", embed_dim, z, 1),
    }
