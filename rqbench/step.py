"""What a prior asks for at one step of drawing, and who answers."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

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
    """

    kind: SymbolKind
    depth: int
    legal: Bool[Tensor, "n v"]
    image: Int[Tensor, " n"]
    ordinal: Int[Tensor, " n"]

    def of(self, rows: Int[Tensor, " m"]) -> "Step":
        """The same for some of the rows."""
        return Step(self.kind, self.depth, self.legal[rows], self.image[rows], self.ordinal[rows])


Choose = Callable[[Tensor, Step], Tensor]
"""(logits Float[n v], step) -> symbols Int[n]. Logits are raw, illegal symbols not yet masked."""
