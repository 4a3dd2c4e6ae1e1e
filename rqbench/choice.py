"""Choosing a symbol: temperature, top-k, top-p, then the inverse of the cumulative sum at u."""

from dataclasses import dataclass
from typing import Annotated, Literal, TypeVar

import torch
from jaxtyping import Bool, Float, Int
from pydantic import Field
from torch import Tensor

from .config import Config

T = TypeVar("T")
Nucleus = Literal["reach", "exceed"]


@dataclass(frozen=True)
class Filter:
    """How logits of one kind of symbol are narrowed before the draw."""

    temperature: float = 1.0
    top_k: int | None = None
    top_p: float = 1.0
    nucleus: Nucleus = "reach"


TopK = Annotated[int, Field(ge=1)]
TopP = Annotated[float, Field(gt=0, le=1)]
PerDepth = Annotated[tuple[T, ...], Field(min_length=1)]


class Sampling(Config):
    """Sampling settings: for contents (one value, or one for each depth), for positions and grains,
    and for all symbols."""

    temperature: float = Field(1.0, gt=0, description="of contents")
    top_k: TopK | PerDepth[TopK] | None = Field(None, description="of contents; None keeps all")
    top_p: TopP | PerDepth[TopP] = Field(1.0, description="of contents; 1 keeps all")
    nucleus: Nucleus = Field(
        "reach",
        description="of all symbols, what a top-p keeps: 'reach' the fewest most probable symbols "
        "whose sum is top-p or more (the released code of Lee et al. 2022); 'exceed' each symbol "
        "before which the sum is top-p or less, and without a top-k everything (that of Esser et "
        "al. 2021)",
    )
    position_temperature: float = Field(1.0, gt=0, description="of positions and grains")
    position_top_k: TopK | None = Field(None, description="of positions and grains")
    position_top_p: TopP = Field(1.0, description="of positions and grains")
    guidance: float = Field(
        1.0,
        ge=0,
        description="of all symbols, classifier-free: 1 none, 0 leaves the condition out; "
        "other than 1 draws every image twice, and needs a prior trained with label dropout",
    )

    def at(self, kind: str, depth: int) -> Filter:
        """The filter of one symbol. A list shorter than the stack repeats its last value."""
        if kind != "content":
            return Filter(
                self.position_temperature, self.position_top_k, self.position_top_p, self.nucleus
            )
        return Filter(
            self.temperature,
            _at(self.top_k, depth),
            _at(self.top_p, depth),
            self.nucleus,
        )


def _at(values: T | tuple[T, ...], depth: int) -> T:
    return values[min(depth, len(values) - 1)] if isinstance(values, tuple) else values


def choose_by_uniform(
    logits: Float[Tensor, "n v"],
    legal: Bool[Tensor, "n v"],
    u: Float[Tensor, " n"],
    narrowing: Filter,
) -> Int[Tensor, " n"]:
    """The symbol that u in [0, 1) picks from each row.

    Logits over temperature; top-k among the legal ones, ties with the k-th kept; top-p on what is
    left, the crossing symbol kept (`Sampling.nucleus` says what a sum that meets top-p exactly
    does); then the cumulative sum in ascending index over the survivors, and the first index at
    which it exceeds u times the total.
    """
    weights = logits.float().masked_fill(~legal, -torch.inf) / narrowing.temperature
    if narrowing.top_k is not None and narrowing.top_k < weights.shape[-1]:
        kth = weights.topk(narrowing.top_k, dim=-1).values[:, -1:]
        weights = weights.masked_fill(weights < kth, -torch.inf)
    probabilities = weights.double().softmax(dim=-1)
    skipped = narrowing.nucleus == "exceed" and narrowing.top_k is None
    if narrowing.top_p < 1.0 and not skipped:
        probabilities = _nucleus(probabilities, narrowing.top_p, narrowing.nucleus)
    cumulative = probabilities.cumsum(dim=-1)
    total = cumulative[:, -1]
    below = total.nextafter(torch.zeros_like(total))  # u * total may round up to the total itself
    target = torch.minimum(u * total, below)[:, None]
    return torch.searchsorted(cumulative, target, right=True)[:, 0]


def _nucleus(
    probabilities: Float[Tensor, "n v"], top_p: float, rule: Nucleus
) -> Float[Tensor, "n v"]:
    """Zero all but the most probable symbols whose sum reaches, or first exceeds, top_p."""
    values, order = probabilities.sort(dim=-1, descending=True, stable=True)
    before = values.cumsum(dim=-1) - values
    kept = before < top_p if rule == "reach" else before <= top_p
    return torch.zeros_like(probabilities).scatter(-1, order, values * kept)
