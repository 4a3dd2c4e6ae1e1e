"""Configurations of the convolutional halves, read from the shapes of a published state dict."""

import math
import re
from collections.abc import Mapping
from typing import Any

from torch import Tensor

from rqbench.api import CheckpointError

from ..published import CONV

State = Mapping[str, Tensor]


def shape(state: State, key: str, axes: int) -> tuple[int, ...]:
    """Of one tensor.

    Raises:
        CheckpointError: it is missing, or has another number of axes.
    """
    if key not in state:
        raise CheckpointError(
            f"The checkpoint lacks {key}, which tells what model it is. It is of a variant that "
            "rqbench does not have, or a key was renamed or lost."
        )
    found = tuple(state[key].shape)
    if len(found) != axes or 0 in found:
        raise CheckpointError(f"{key} has the shape {found}, and {axes} axes are needed.")
    return found


def conv_shape(state: State, name: str) -> tuple[int, int]:
    """Channels out of and into a convolution.

    Raises:
        CheckpointError: see `shape`; or weight and bias disagree.
    """
    out, into = shape(state, f"{name}.weight", axes=4)[:2]
    (biases,) = shape(state, f"{name}.bias", axes=1)
    if biases != out:
        raise CheckpointError(
            f"{name}.weight gives {out} channels and {name}.bias {biases}. The file is damaged, or "
            "was put together from two."
        )
    return out, into


def same_rows(state: State, first: str, second: str, axes: tuple[int, int] = (2, 2)) -> int:
    """The first axis of two tensors.

    Raises:
        CheckpointError: they differ, or see `shape`.
    """
    rows, others = shape(state, first, axes[0])[0], shape(state, second, axes[1])[0]
    if rows != others:
        raise CheckpointError(
            f"{first} has {rows} rows and {second} {others}. The file is damaged, or was put "
            "together from two."
        )
    return rows


def indices(state: State, pattern: str) -> list[int]:
    """The numbers that stand at the one group of a pattern at the start of keys, ascending."""
    matches = (re.match(pattern, key) for key in state)
    return sorted({int(match[1]) for match in matches if match})


def with_any(state: State, start: str) -> bool:
    """Whether a key starts so."""
    return any(key.startswith(start) for key in state)


def encoder_config(state: State) -> dict[str, Any]:
    """Levels of the encoder, as plain values of a `ConvConfig`, without `embedding`.

    Raises:
        CheckpointError: images of other than 3 channels, or widths that are no multiples.
    """
    channels, colours = conv_shape(state, "encoder.conv_in")
    three_channels("encoder.conv_in.weight", "in_channels", colours)
    return _levels(state, "encoder.down", "downsample", channels, extra_blocks=0)


def decoder_config(state: State, channels: int | None) -> dict[str, Any]:
    """The same of the decoder.

    Args:
        channels: its base width, which no shape tells; where it is unknown or does not divide the
            widths, the largest that does is taken.
    """
    colours, finest = conv_shape(state, "decoder.conv_out")
    three_channels("decoder.conv_out.weight", "out_ch", colours)
    widths = _widths(state, "decoder.up")
    if not channels or any(width % channels for width in widths):
        channels = math.gcd(finest, *widths)
    return _levels(state, "decoder.up", "upsample", channels, extra_blocks=1)


def bottleneck(state: State, conv_out: str) -> dict[str, Any]:
    """What lies between encoder and decoder.

    Args:
        conv_out: the encoder's last convolution.

    Raises:
        CheckpointError: a `double_z` encoder, which gives means and variances.
    """
    embedding, z = conv_shape(state, "quant_conv")
    latents, _ = conv_shape(state, conv_out)
    if latents == 2 * z:
        raise CheckpointError(
            f"{conv_out}.weight gives {latents} channels, twice the {z} that quant_conv takes: a "
            "model with double_z, which has no codes. rqbench imports those without."
        )
    return {"embedding": embedding, "latent_channels": None if z == embedding else z}


def three_channels(key: str, name: str, found: int) -> None:
    """Raises:
    CheckpointError: other images than those with red, green and blue."""
    if found != 3:
        raise CheckpointError(
            f"{key} says {name}={found}. rqbench's tokenizers code images of 3 channels; models of "
            "depth or segmentation maps are not imported."
        )


def _widths(state: State, name: str) -> list[int]:
    """Channels of each level, finest first."""
    levels = indices(state, rf"{re.escape(name)}\.(\d+)\.")
    if not levels:
        raise CheckpointError(f"The checkpoint lacks {name}.0.block.0.conv1.weight.")
    keys = (f"{name}.{level}.block.0.conv1" for level in range(levels[-1] + 1))
    return [conv_shape(state, key)[0] for key in keys]


def _levels(
    state: State, name: str, resampling: str, channels: int, extra_blocks: int
) -> dict[str, Any]:
    start = re.escape(name)
    multipliers = []
    for level, width in enumerate(_widths(state, name)):
        if width % channels:
            raise CheckpointError(
                f"{name}.{level}.block.0.conv1.weight gives {width} channels, which is no multiple "
                f"of the {channels} that enter its first level. The checkpoint is damaged, or put "
                "together from two."
            )
        multipliers.append(width // channels)
    blocks = indices(state, rf"{start}\.\d+\.block\.(\d+)\.")
    resampled = any(f".{resampling}.conv." in key for key in state if key.startswith(name))
    return {
        **CONV,
        "channels": channels,
        "multipliers": multipliers,
        "num_res_blocks": blocks[-1] + 1 - extra_blocks,
        "attention_levels": indices(state, rf"{start}\.(\d+)\.attn\."),
        "resample_with_conv": resampled or len(multipliers) == 1,
    }
