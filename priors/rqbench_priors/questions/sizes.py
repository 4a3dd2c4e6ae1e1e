"""The size of the models that questions compare, none of which is built for it."""

import json
from collections.abc import Mapping
from functools import cache
from typing import Any

from rqbench.api import CodeLayout, count_parameters, meta_macs, meta_prior, meta_tokenizer

Spec = dict[str, Any]
"""A tokenizer or prior as an experiment writes it."""


def spec(type_name: str, *configs: Mapping[str, Any]) -> Spec:
    """A plug-in with the keys of all configs, the later ones first."""
    return {"type": type_name, "config": {k: v for part in configs for k, v in part.items()}}


def tokenizer_layout(tokenizer: Spec, resolution: int) -> CodeLayout:
    """The layout of its codes."""
    return meta_tokenizer(tokenizer, _where(tokenizer)).layout(resolution)


def tokenizer_macs(tokenizer: Spec, resolution: int) -> int:
    """Multiply-adds to encode and decode one image."""
    macs = meta_macs(tokenizer, resolution, _where(tokenizer))
    return macs.encode + macs.decode


def prior_parameters(prior: Spec, tokenizer: Spec, resolution: int) -> int:
    """Learned values of a prior on a tokenizer's codes, without a condition."""
    return _prior_parameters(json.dumps([prior, tokenizer], sort_keys=True), resolution)


@cache  # the search for a size asks for the same ones again
def _prior_parameters(pair: str, resolution: int) -> int:
    prior, tokenizer = json.loads(pair)
    return count_parameters(meta_prior(prior, tokenizer, resolution, _where(prior)))


def _where(model: Spec) -> str:
    return f"experiment.scale ({model['type']})"
