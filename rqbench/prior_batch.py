"""A batch of training, for priors."""

from dataclasses import dataclass

from jaxtyping import Float, Int
from torch import Tensor

from .codes import Codes


@dataclass(frozen=True)
class PriorBatch:
    """What a prior trains on.

    Attributes:
        codes: hard codes.
        condition: Int[b c], or None.
        soft_targets: Float[b h w d k], a distribution over codes at each place, where the trainer
            encodes on the fly (`Tokenizer.soft_codes`); else None. Then `codes` are what the prior
            sees, and no longer its targets.
    """

    codes: Codes
    condition: Int[Tensor, "b c"] | None = None
    soft_targets: Float[Tensor, "b h w d k"] | None = None

    def __len__(self) -> int:
        return len(self.codes)

    def __getitem__(self, rows: slice) -> "PriorBatch":
        condition, targets = self.condition, self.soft_targets
        return PriorBatch(
            self.codes[rows],
            None if condition is None else condition[rows],
            None if targets is None else targets[rows],
        )
