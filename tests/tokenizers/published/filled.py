"""Published state dicts with seeded numbers, and our models that were read from them."""

import copy
import json
import math
from collections.abc import Mapping
from functools import cache
from typing import Any

import torch
from torch import Tensor

from rqbench.api import Checkpoint, Importer, KeyMap, Tokenizer, build_tokenizer
from rqbench.importing.key_map import split_dropped

from .conv_keys import Shapes


def filled(shapes: Shapes, seed: int = 0) -> dict[str, Tensor]:
    """Numbers under which activations neither vanish nor explode."""
    draw = torch.Generator().manual_seed(seed)
    return {key: _numbers(key, shape, draw) for key, shape in shapes.items()}


def _numbers(key: str, shape: tuple[int, ...], draw: torch.Generator) -> Tensor:
    noise = torch.randn(shape, generator=draw)
    if "cluster_size" in key:
        return 1.5 + 3 * torch.rand(shape, generator=draw)
    if "quantize" in key and not key.startswith("quantize.proj"):
        return noise
    if len(shape) > 1:
        return noise / math.prod(shape[1:]) ** 0.5
    return 1 + 0.1 * noise if key.endswith("weight") else 0.1 * noise


@cache
def _empty(type_name: str, config: str) -> Tokenizer:
    """Without memory for its numbers; the config as JSON, so that it can be remembered."""
    with torch.device("meta"):
        return build_tokenizer(type_name, json.loads(config), "test")


def translated(
    importer: Importer, state: Mapping[str, Tensor], config: Mapping[str, Any] | None = None
) -> tuple[Tokenizer, KeyMap, dict[str, Tensor]]:
    """A model without numbers, the keys of what a checkpoint holds, and its numbers by our keys."""
    checkpoint = Checkpoint(state, config or {}, "model.pt")
    described = importer.describe(checkpoint, None)
    model = _empty(described.type, json.dumps(described.config))
    keys = importer.keys(model)
    kept, _ = split_dropped(checkpoint.below(described.prefix), described.dropped)
    return model, keys, keys.translate(kept, model.state_dict())


def read(
    importer: Importer, state: Mapping[str, Tensor], config: Mapping[str, Any] | None = None
) -> tuple[Tokenizer, KeyMap]:
    """What `rqbench import` builds and fills, and the keys by which it did."""
    empty, keys, numbers = translated(importer, state, config)
    model = copy.deepcopy(empty)
    own = {key: value.clone() for key, value in numbers.items()}
    model.load_state_dict(own, assign=True)
    return model.eval(), keys


def assert_exported(model: Tokenizer, keys: KeyMap, state: Mapping[str, Tensor]) -> None:
    """Written as published, our model has the same keys and the same bits."""
    exported = keys.export(model.state_dict())
    assert exported.keys() == state.keys()
    assert all(torch.equal(exported[key], state[key]) for key in state)


def random_images(number: int, side: int, seed: int = 1) -> Tensor:
    """Smooth ones with some noise, in [0, 1]."""
    draw = torch.Generator().manual_seed(seed)
    coarse = torch.rand(number, 3, 4, 4, generator=draw)
    smooth = torch.nn.functional.interpolate(coarse, side, mode="bilinear")
    return (smooth + 0.1 * torch.randn(number, 3, side, side, generator=draw)).clamp(0, 1)
