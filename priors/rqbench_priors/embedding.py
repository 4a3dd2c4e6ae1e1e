"""How codes and conditions enter a transformer."""

from typing import Literal

import torch
import torch.nn.functional as F
from jaxtyping import Float, Int
from torch import Tensor, nn

from rqbench.api import CodeLayout, ConditionSpec, ConfigError, UnsupportedError

from .transformer import learned_table


class CodeEmbedding(nn.Module):
    """Codes to vectors of the model's width, by learned rows or by the tokenizer's own vectors.

    In two halves, `look_up` and then `forward`, so that vectors of a stack can be summed in
    between. The frozen codebook is no part of the state dict: whoever rebuilds the prior passes it
    again.

    Args:
        inputs: "learned" trains one table a depth; "codebook" projects the frozen vectors linearly.

    Raises:
        ConfigError: the codebook is wanted and missing, or does not fit the layout.
    """

    table: Tensor  # d k e

    def __init__(
        self,
        layout: CodeLayout,
        width: int,
        inputs: Literal["learned", "codebook"],
        codebook: Float[Tensor, "d k e"] | None,
    ) -> None:
        super().__init__()
        shape = layout.depth, layout.codebook_size
        if inputs == "learned":
            self.table = learned_table(*shape, width)
            self.project: nn.Linear | None = None
            return
        if codebook is None:
            raise ConfigError(
                "The prior's inputs are 'codebook', but the tokenizer has no codebook to give. "
                "Set the prior's `inputs: learned`."
            )
        if tuple(codebook.shape[:2]) != shape:
            raise ConfigError(
                f"A codebook of shape {tuple(codebook.shape)} (depth, size, width) does not fit "
                f"codes of the layout {layout}. Pass that of the tokenizer that made the codes."
            )
        self.register_buffer("table", codebook.detach().clone(), persistent=False)
        self.project = nn.Linear(codebook.shape[-1], width)

    def look_up(self, codes: Int[Tensor, "*n d"], first_depth: int = 0) -> Float[Tensor, "*n d e"]:
        """The vectors of codes that stand at first_depth, first_depth + 1, ... of their stack."""
        depths = torch.arange(codes.shape[-1], device=codes.device) + first_depth
        return F.embedding(codes + depths * self.table.shape[1], self.table.flatten(0, 1))

    def forward(self, vectors: Float[Tensor, "*n e"], num_biases: int = 1) -> Float[Tensor, "*n w"]:
        """What `look_up` gave, or sums of it, in the model's width.

        Args:
            num_biases: how often the projection's bias is added, where there is one.
        """
        if self.project is None:
            return vectors
        return F.linear(vectors, self.project.weight, self.project.bias * num_biases)


class Prefix(nn.Module):
    """The tokens in front of all codes: the condition's, or one learned start vector."""

    def __init__(self, condition: ConditionSpec | None, width: int) -> None:
        super().__init__()
        self.condition = condition
        self.length = condition.length if condition else 1
        self.table = learned_table(condition.num_symbols if condition else 1, width)
        self.places = learned_table(self.length, width)

    def forward(
        self, condition: Int[Tensor, "b c"] | None, num_images: int
    ) -> Float[Tensor, "b c w"]:
        """
        Raises:
            UnsupportedError: a condition that the prior was not built for, or none where it needs
                one.
        """
        if self.condition is None:
            if condition is not None:
                raise UnsupportedError(
                    "This prior was built without a condition and cannot use one. "
                    "Leave the condition out, or train a prior with it."
                )
            return (self.table + self.places).expand(num_images, -1, -1)
        wanted = num_images, self.length
        if condition is None or tuple(condition.shape) != wanted:
            got = "none" if condition is None else f"one of shape {tuple(condition.shape)}"
            raise UnsupportedError(
                f"This prior needs a condition of shape {wanted} with integers in "
                f"[0, {self.condition.num_symbols}), and got {got}. Pass one row an image."
            )
        return F.embedding(condition, self.table) + self.places
