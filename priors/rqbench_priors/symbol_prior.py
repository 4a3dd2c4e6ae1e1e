"""Priors that tell the price of every symbol of an image at once."""

from abc import abstractmethod

import torch
from jaxtyping import Float, Int
from torch import Tensor

from rqbench.api import Codes

from .stack_prior import StackPrior


class SymbolPrior(StackPrior):
    """A prior whose likelihood is the sum of what it says of each symbol."""

    @abstractmethod
    def symbol_log_probs(
        self, codes: Codes, condition: Int[Tensor, "b c"] | None = None
    ) -> Float[Tensor, "b n"]:
        """The terms of `log_prob` in nats, aligned with `symbols(codes)`; 0 past an image's end."""

    def log_prob(
        self, codes: Codes, condition: Int[Tensor, "b c"] | None = None
    ) -> Float[Tensor, " b"]:
        return self.symbol_log_probs(codes, condition).sum(dim=1, dtype=torch.float64)
