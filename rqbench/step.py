"""What a prior asks for at one step of drawing, and who answers."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import torch
from jaxtyping import Bool, Int
from torch import Tensor

SymbolKind = Literal["grain", "position", "content"]


@dataclass(frozen=True)
class Step:
    """What one symbol of the sequence is, for each of the n rows that draw it now.

    Attributes:
        kind: grain (an entry of the grain map), position (a region's index or "end of this grain"),
            or content (a code).
        depth: place in the stack, 0 for all but contents of a stacked layout.
        legal: Bool[n v], the symbols that may be drawn; the others have no probability.
        image: Int[n], each row's image index (`first_image` of `generate` onwards).
        ordinal: Int[n], how many symbols of that image came before this one.
        counts: Bool[n], the rows that draw; None: all do. The others stand there so that no shape
            depends on a value: whatever index they get is ignored, and their image and ordinal name
            some symbol that the image has. Only within `Prior.faster_steps`.
    """

    kind: SymbolKind
    depth: int
    legal: Bool[Tensor, "n v"]
    image: Int[Tensor, " n"]
    ordinal: Int[Tensor, " n"]
    counts: Bool[Tensor, " n"] | None = None

    def of(self, rows: Int[Tensor, " m"]) -> "Step":
        """The same for some of the rows."""
        counts = None if self.counts is None else self.counts[rows]
        return Step(
            self.kind, self.depth, self.legal[rows], self.image[rows], self.ordinal[rows], counts
        )


Choose = Callable[[Tensor, Step], Tensor]
"""(logits Float[n v], step) -> symbols Int[n]. Logits are raw, illegal symbols not yet masked."""


def where_it_counts(choose: Choose) -> Choose:
    """A choice that is asked for rows that count alone, and waits for the device to know them."""

    def choose_some(logits: Tensor, step: Step) -> Tensor:
        if step.counts is None:
            return choose(logits, step)
        rows = step.counts.nonzero()[:, 0]
        symbols = torch.zeros_like(step.image)
        if len(rows):
            symbols[rows] = choose(logits[rows], step.of(rows))
        return symbols

    return choose_some
