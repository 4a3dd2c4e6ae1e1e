"""The content head: from the transformer's stream to the logits of a code."""

from typing import Literal

import torch
from jaxtyping import Float, Int
from torch import Tensor, nn

from rqbench.api import CodeLayout


class ContentHead(nn.Module):
    """LayerNorm and a linear layer for all depths, with biases for none, all or each of them."""

    bias: nn.Parameter | None  # one row for each depth, or one for all

    def __init__(
        self,
        layout: CodeLayout,
        width: int,
        output_bias: Literal["none", "shared", "per-depth"],
    ) -> None:
        super().__init__()
        self.norm = nn.LayerNorm(width)
        self.linear = nn.Linear(width, layout.codebook_size, bias=False)
        rows = {"none": 0, "shared": 1, "per-depth": layout.depth}[output_bias]
        bias = nn.Parameter(torch.zeros(rows, layout.codebook_size)) if rows else None
        self.register_parameter("bias", bias)

    def forward(self, stream: Float[Tensor, "*n d w"]) -> Float[Tensor, "*n d k"]:
        """Logits of whole stacks."""
        logits: Tensor = self.linear(self.norm(stream))
        return logits if self.bias is None else logits + self.bias

    def at(self, stream: Float[Tensor, "n w"], depth: int) -> Float[Tensor, "n k"]:
        """Logits of the codes at one depth."""
        logits: Tensor = self.linear(self.norm(stream))
        return logits if self.bias is None else logits + self.bias[min(depth, len(self.bias) - 1)]

    @torch.no_grad()
    def warm_start(self, codes: Int[Tensor, "n d"]) -> None:
        """Set the biases to the log of the codes' add-one-smoothed frequencies."""
        if self.bias is not None:
            kinds = codes if len(self.bias) > 1 else codes.reshape(-1, 1)  # one column a bias row
            for bias, column in zip(self.bias, kinds.T, strict=True):
                bias.copy_(log_frequencies(column, len(bias)))


def log_frequencies(symbols: Int[Tensor, " n"], vocab_size: int) -> Float[Tensor, " v"]:
    """Log of (count + 1) / (n + v) for each symbol, in nats."""
    counts = torch.bincount(symbols, minlength=vocab_size).double() + 1
    return (counts / counts.sum()).log()
