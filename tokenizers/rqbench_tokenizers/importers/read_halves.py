"""The halves of a tokenizer with one grid, from the weights and the config beside them."""

from collections.abc import Mapping
from typing import Any

from .conv_shapes import State, bottleneck, decoder_config, encoder_config
from .published_yaml import agree_on_conv, section, value


def read_halves(state: State, part: Mapping[str, Any]) -> tuple[dict[str, Any], int | None]:
    """Plain values of a `ConvConfig`, and the side of the images in pixels if the config tells it.

    Raises:
        CheckpointError: see `conv_shapes.py` and `agree_on_conv`.
    """
    conv = {**encoder_config(state), **bottleneck(state, "encoder.conv_out")}
    decoder_config(state)  # for its errors; it has the encoder's levels, or keys will not fit
    told = section(part, "ddconfig") or part
    agree_on_conv(told, conv)
    conv["dropout"] = value(told, "dropout") or 0.0
    return conv, value(told, "resolution")
