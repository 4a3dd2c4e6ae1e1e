"""Codes that were drawn, and the loop that drew them made to repeat them."""

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor

from ..codes import Codes
from ..drawing import SamplingMode, repeat
from ..prior import Prior
from ..step import Step, where_it_counts


@dataclass(frozen=True)
class Drawn:
    """Some images of the batch, and how they were drawn.

    Attributes:
        images: Int[b], their numbers in the seed.
        symbols: Int[b n].
        teacher: Float[b n v], the teacher-forced logits of all symbols; None where the prior gives
            no such rows.
    """

    prior: Prior
    codes: Codes
    images: Tensor
    symbols: Tensor
    condition: Tensor | None
    mode: SamplingMode
    teacher: Tensor | None

    def repeat(self, see: Callable[[Tensor, Step], None]) -> None:
        """Let the loop that drew the symbols repeat them, and see its logits."""
        rows = torch.arange(len(self.codes), device=self.symbols.device)

        @where_it_counts
        def choose(logits: Tensor, step: Step) -> Tensor:
            see(logits, step)
            return self.symbols[step.image, step.ordinal]

        def choose_all(logits: Tensor, ordinal: int, depth: int) -> Tensor:
            legal = torch.ones_like(logits, dtype=torch.bool)
            return choose(
                logits, Step("content", depth, legal, rows, torch.full_like(rows, ordinal))
            )

        repeat(self.prior, self.mode, choose, choose_all, len(rows), self.condition)
