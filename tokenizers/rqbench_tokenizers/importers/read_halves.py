"""The halves of a tokenizer with one grid, from the weights and the config beside them."""

from collections.abc import Mapping
from typing import Any

from .conv_shapes import State, bottleneck, decoder_config, encoder_config
from .published_yaml import agree, agree_on_conv, section, side, value


def read_halves(state: State, part: Mapping[str, Any]) -> tuple[dict[str, Any], int | None]:
    """Plain values of a `ConvConfig`, and the side of the images in pixels if the config tells it.

    Raises:
        CheckpointError: see `conv_shapes.py` and `agree_on_conv`.
    """
    conv = {**encoder_config(state), **bottleneck(state, "encoder.conv_out")}
    # for its errors; it has the encoder's levels, or keys will not fit
    decoder_config(state, conv["channels"])
    told = section(part, "ddconfig") or part
    agree_on_conv(told, conv)
    for key in ("in_channels", "out_ch"):
        agree(told, key, 3)
    conv["dropout"] = value(told, "dropout") or 0.0
    return conv, side(told)
