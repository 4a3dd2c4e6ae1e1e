"""What each symbol of an image costs under a prior, and where in the picture it stands.

Axes: b images, n symbols in the order they are drawn, v vocabulary.
"""

from collections.abc import Callable
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from jaxtyping import Bool, Float, Int
from torch import Tensor

from .step import Choose, Step


@dataclass(frozen=True)
class SymbolNats:
    """Costs aligned with `Prior.symbols`.

    Attributes:
        nats: minus the log-probability of each symbol; 0 past an image's end.
        is_side: whether the symbol tells the map (a grain, a position, the end of a grain) rather
            than a code.
        cell: the top-left cell of the code's area, or of the region that the map's symbol is about,
            counted in raster order over the finest grid. -1 past an image's end, and for the end of
            a grain, which is about no region. None where the prior does not say.
    """

    nats: Float[Tensor, "b n"]
    is_side: Bool[Tensor, "b n"]
    cell: Int[Tensor, "b n"] | None = None

    def side(self) -> Float[Tensor, " b"]:
        """Nats of each image's map."""
        return self._sum(self.is_side)

    def content(self) -> Float[Tensor, " b"]:
        """Nats of each image's codes, their places known."""
        return self._sum(~self.is_side)

    def _sum(self, counted: Bool[Tensor, "b n"]) -> Float[Tensor, " b"]:
        return (self.nats * counted).sum(dim=1, dtype=torch.float64)


def replay(generate: Callable[[Choose], object], symbols: Int[Tensor, "b n"]) -> SymbolNats:
    """Costs as the sequential loop sees them, which says what each symbol is but not where.

    Args:
        generate: draws as many images as there are rows of symbols, the first of index 0.
    """
    nats = torch.zeros(symbols.shape, dtype=torch.float64, device=symbols.device)
    is_side = torch.zeros_like(symbols, dtype=torch.bool)

    def choose(logits: Tensor, step: Step) -> Tensor:
        at = step.image, step.ordinal
        possible = logits.double().masked_fill(~step.legal, -torch.inf)
        nats[at] = F.cross_entropy(possible, symbols[at], reduction="none")
        is_side[at] = step.kind != "content"
        return symbols[at]

    generate(choose)
    return SymbolNats(nats, is_side)
