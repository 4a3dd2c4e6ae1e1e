"""Models that need not be built: on the meta device they have shapes and costs, and no values.

Many ask for the same tokenizer, so what was found out of one is kept.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache, lru_cache
from typing import Any

import torch
from torch.nn.functional import group_norm, layer_norm
from torch.overrides import TorchFunctionMode

from .codes import Codes
from .condition_spec import ConditionSpec
from .metrics.flops import count_macs
from .models import build_prior, build_tokenizer
from .prior import Prior
from .question import Spec
from .tokenizer import Tokenizer
from .unfilled import Unfilled


@dataclass(frozen=True)
class Macs:
    """Multiply-adds of one image."""

    encode: int
    decode: int


@dataclass(frozen=True)
class _Wanted:
    """A tokenizer; `where` is for messages, and does not tell it from another."""

    written: str
    where: str = field(compare=False)


def meta_tokenizer(tokenizer: Spec, where: str) -> Tokenizer:
    """A tokenizer in eval mode.

    Args:
        where: the place of its config, for messages.
    """
    return _tokenizer(_wanted(tokenizer, where))


def meta_prior(
    prior: Spec,
    tokenizer: Spec,
    resolution: int,
    where: str,
    condition: ConditionSpec | None = None,
) -> Prior:
    """A prior on a tokenizer's codes of images of this side."""
    codes_of = meta_tokenizer(tokenizer, where)
    layout, codebook = codes_of.layout(resolution), codes_of.codebook()
    with torch.device("meta"), Unfilled():  # nothing to draw
        return build_prior(prior["type"], prior["config"], layout, codebook, condition, where)


def meta_macs(tokenizer: Spec, resolution: int, where: str) -> Macs:
    """What a tokenizer costs on an image of this side, the search for codes included."""
    return _macs(_wanted(tokenizer, where), resolution)


def _wanted(model: Spec, where: str) -> _Wanted:
    named = {"type": model["type"], "config": model["config"]}
    return _Wanted(json.dumps(named, sort_keys=True), where)


@lru_cache(maxsize=32)
def _tokenizer(wanted: _Wanted) -> Tokenizer:
    spec = json.loads(wanted.written)
    with torch.device("meta"), Unfilled():  # nothing to draw
        return build_tokenizer(spec["type"], spec["config"], wanted.where).eval()


@cache
def _macs(wanted: _Wanted, resolution: int) -> Macs:
    model = _tokenizer(wanted)
    image = torch.empty(1, 3, resolution, resolution, device="meta")
    codes: list[Codes] = []
    with torch.no_grad(), _NormsByShape():
        encode = count_macs(lambda: codes.append(model.encode(image)))
        return Macs(encode, count_macs(model.decode, codes[0]))


class _NormsByShape(TorchFunctionMode):
    """Norms, which are not counted, give tensors of their shape: torch works them out in Python on
    the meta device, which takes longer than all the rest."""

    def __torch_function__(
        self,
        func: Callable[..., Any],
        types: Sequence[type],
        args: tuple[Any, ...] = (),
        kwargs: Mapping[str, Any] | None = None,
    ) -> Any:
        if func in (group_norm, layer_norm):
            return torch.empty_like(args[0])
        return func(*args, **(kwargs or {}))
