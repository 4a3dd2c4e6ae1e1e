"""The published convolutional halves as plain equations on their state dicts."""

from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional as F

State = Mapping[str, Tensor]


def swish(x: Tensor) -> Tensor:
    return x * torch.sigmoid(x)


def normalise(state: State, name: str, x: Tensor, groups: int = 32) -> Tensor:
    return F.group_norm(x, groups, state[f"{name}.weight"], state[f"{name}.bias"], eps=1e-6)


def convolve(state: State, name: str, x: Tensor, padding: int = 0, stride: int = 1) -> Tensor:
    weight, bias = state[f"{name}.weight"], state[f"{name}.bias"]
    return F.conv2d(x, weight, bias, stride=stride, padding=padding)


def res_block(state: State, name: str, x: Tensor) -> Tensor:
    h = convolve(state, f"{name}.conv1", swish(normalise(state, f"{name}.norm1", x)), 1)
    h = convolve(state, f"{name}.conv2", swish(normalise(state, f"{name}.norm2", h)), 1)
    if f"{name}.nin_shortcut.weight" in state:
        x = convolve(state, f"{name}.nin_shortcut", x)
    return x + h


def attn_block(state: State, name: str, x: Tensor) -> Tensor:
    b, c, height, width = x.shape
    h = normalise(state, f"{name}.norm", x)
    q, k, v = (convolve(state, f"{name}.{part}", h).reshape(b, c, height * width) for part in "qkv")
    weights = torch.softmax(torch.bmm(q.transpose(1, 2), k) * c**-0.5, dim=2)  # b i j
    mixed = torch.bmm(v, weights.transpose(1, 2)).reshape(b, c, height, width)
    return x + convolve(state, f"{name}.proj_out", mixed)


def mid(state: State, name: str, x: Tensor) -> Tensor:
    x = res_block(state, f"{name}.block_1", x)
    return res_block(state, f"{name}.block_2", attn_block(state, f"{name}.attn_1", x))


def halve(state: State, name: str, x: Tensor) -> Tensor:
    if f"{name}.conv.weight" not in state:
        b, c, height, width = x.shape
        return x.reshape(b, c, height // 2, 2, width // 2, 2).mean(dim=(3, 5))
    padded = torch.zeros(*x.shape[:2], x.shape[2] + 1, x.shape[3] + 1)
    padded[:, :, :-1, :-1] = x
    return convolve(state, f"{name}.conv", padded, stride=2)


def double(state: State, name: str, x: Tensor) -> Tensor:
    x = x.repeat_interleave(2, dim=2).repeat_interleave(2, dim=3)
    return convolve(state, f"{name}.conv", x, 1) if f"{name}.conv.weight" in state else x


def blocks(state: State, name: str, x: Tensor, number: int, has_attention: bool) -> Tensor:
    for block in range(number):
        x = res_block(state, f"{name}.block.{block}", x)
        if has_attention:
            x = attn_block(state, f"{name}.attn.{block}", x)
    return x


def encoder_levels(state: State, dd: Mapping[str, Any], x: Tensor) -> list[Tensor]:
    """What each level gives before it is halved, of images in [-1, 1]."""
    h, side, given = convolve(state, "encoder.conv_in", x, 1), dd["resolution"], []
    for level in range(len(dd["ch_mult"])):
        if level:
            h, side = halve(state, f"encoder.down.{level - 1}.downsample", h), side // 2
        has_attention = side in dd["attn_resolutions"]
        h = blocks(state, f"encoder.down.{level}", h, dd["num_res_blocks"], has_attention)
        given.append(h)
    return given


def encoder_head(state: State, x: Tensor, grain: str = "") -> Tensor:
    h = swish(normalise(state, f"encoder.norm_out{grain}", mid(state, f"encoder.mid{grain}", x)))
    return convolve(state, f"encoder.conv_out{grain}", h, 1)


def decoder(state: State, dd: Mapping[str, Any], z: Tensor) -> Tensor:
    """Images around [-1, 1], not clamped."""
    h = mid(state, "decoder.mid", convolve(state, "decoder.conv_in", z, 1))
    side = dd["resolution"] // 2 ** (len(dd["ch_mult"]) - 1)
    for level in reversed(range(len(dd["ch_mult"]))):
        has_attention = side in dd["attn_resolutions"]
        h = blocks(state, f"decoder.up.{level}", h, dd["num_res_blocks"] + 1, has_attention)
        if level:
            h, side = double(state, f"decoder.up.{level}.upsample", h), side * 2
    return convolve(state, "decoder.conv_out", swish(normalise(state, "decoder.norm_out", h)), 1)


def latents(state: State, dd: Mapping[str, Any], x: Tensor) -> Tensor:
    """b h w e, of a tokenizer with one grid."""
    h = encoder_head(state, encoder_levels(state, dd, x)[-1])
    return convolve(state, "quant_conv", h).permute(0, 2, 3, 1)


def images(state: State, dd: Mapping[str, Any], quantized: Tensor) -> Tensor:
    """Of vectors b h w e."""
    z = convolve(state, "post_quant_conv", quantized.permute(0, 3, 1, 2))
    return decoder(state, dd, z)


def nearest(x: Tensor, table: Tensor) -> Tensor:
    """By the published formula |x|^2 + |e|^2 - 2 x e; the first minimum."""
    flat = x.reshape(-1, x.shape[-1])
    squares = flat.square().sum(1, keepdim=True) + table.square().sum(1)
    return (squares - 2 * flat @ table.T).argmin(dim=1).reshape(x.shape[:-1])
