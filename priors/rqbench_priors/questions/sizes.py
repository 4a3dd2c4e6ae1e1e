"""The size of models that need not be built: on the meta device they have shapes and no values."""

import json
from collections.abc import Mapping
from functools import cache, lru_cache
from typing import Any

import torch

from rqbench.api import (
    CodeLayout,
    Tokenizer,
    build_prior,
    build_tokenizer,
    count_macs,
    count_parameters,
)

Spec = dict[str, Any]
"""A tokenizer or prior as an experiment writes it."""


def spec(type_name: str, *configs: Mapping[str, Any]) -> Spec:
    """A plug-in with the keys of all configs, the later ones first."""
    return {"type": type_name, "config": {k: v for part in configs for k, v in part.items()}}


def tokenizer_layout(tokenizer: Spec, resolution: int) -> CodeLayout:
    """The layout of its codes."""
    return _tokenizer_layout(_written(tokenizer), resolution)


def tokenizer_macs(tokenizer: Spec, resolution: int) -> int:
    """Multiply-adds to encode and decode one image."""
    return _tokenizer_macs(_written(tokenizer), resolution)


def prior_parameters(prior: Spec, tokenizer: Spec, resolution: int) -> int:
    """Learned values of a prior on a tokenizer's codes, without a condition."""
    return _prior_parameters(_written(prior), _written(tokenizer), resolution)


def _written(model: Spec) -> str:
    return json.dumps(model, sort_keys=True)


@cache
def _tokenizer_layout(tokenizer: str, resolution: int) -> CodeLayout:
    return _tokenizer(tokenizer).layout(resolution)


@cache
def _tokenizer_macs(tokenizer: str, resolution: int) -> int:
    model = _tokenizer(tokenizer).eval()
    image = torch.empty(1, 3, resolution, resolution, device="meta")
    with torch.no_grad():
        return count_macs(lambda: model.decode(model.encode(image)))


@cache
def _prior_parameters(prior: str, tokenizer: str, resolution: int) -> int:
    wanted, layout = json.loads(prior), _tokenizer_layout(tokenizer, resolution)
    codebook, where = _tokenizer(tokenizer).codebook(), f"experiment.scale ({wanted['type']})"
    with torch.device("meta"):
        model = build_prior(wanted["type"], wanted["config"], layout, codebook, None, where)
    return count_parameters(model)


@lru_cache(maxsize=8)
def _tokenizer(tokenizer: str) -> Tokenizer:
    wanted = json.loads(tokenizer)
    with torch.device("meta"):
        where = f"experiment.scale ({wanted['type']})"
        return build_tokenizer(wanted["type"], wanted["config"], where)
