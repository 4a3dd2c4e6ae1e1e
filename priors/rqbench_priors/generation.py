"""The loop that draws codes, and a choice that repeats known symbols."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, TypeVar

import torch
from jaxtyping import Float, Int
from torch import Tensor

from rqbench.api import Choose, Step

from .legal import all_legal


@dataclass(kw_only=True)
class State:
    """What a prior's `step` changes in place.

    Attributes:
        expected: what the logits that `step` gave last are about; each of their rows draws one
            symbol.
    """

    expected: Step | None = None


S = TypeVar("S", bound=State)


@torch.no_grad()
def draw(step: Callable[[S, Tensor | None], Tensor], state: S, choose: Choose) -> None:
    """Let `choose` decide symbol after symbol, until `step` gives no more rows of logits."""
    symbols: Tensor | None = None
    while len(logits := step(state, symbols)):
        assert state.expected is not None  # every step that gives logits says what they are about
        symbols = choose(logits, state.expected)


def open_step(
    kind: Literal["grain", "content"],
    depth: int,
    logits: Float[Tensor, "n v"],
    image: Int[Tensor, " n"],
    ordinal: int,
) -> Step:
    """A step at which every symbol is legal and all rows have drawn equally many."""
    return Step(kind, depth, all_legal(logits), image, torch.full_like(image, ordinal))


def forced(symbols: Int[Tensor, "b n"], first_image: int = 0) -> Choose:
    """A choice that repeats what `symbols(codes)` gave, whatever the logits: `generate` then gives
    those codes, and an arithmetic encoder sees the logits that the decoder will see."""

    def choose(logits: Tensor, step: Step) -> Tensor:
        return symbols[step.image - first_image, step.ordinal]

    return choose
