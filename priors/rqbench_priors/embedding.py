"""How codes and conditions enter a transformer."""

from typing import Literal

import torch
import torch.nn.functional as F
from jaxtyping import Float, Int
from torch import Tensor, nn

from rqbench.api import CodeLayout, ConditionSpec, ConfigError

from .conditions import check_condition, prefix_length
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
    """The tokens in front of all codes: the condition's, or one learned start vector.

    Args:
        places: whether each token has a place of its own; without, the caller tells them apart.
    """

    def __init__(self, condition: ConditionSpec | None, width: int, places: bool = True) -> None:
        super().__init__()
        self.condition = condition
        self.length = prefix_length(condition)
        self.table = learned_table(condition.num_symbols if condition else 1, width)
        self.places = learned_table(self.length, width) if places else None

    def forward(
        self, condition: Int[Tensor, "b c"] | None, num_images: int
    ) -> Float[Tensor, "b c w"]:
        """
        Raises:
            UnsupportedError: a condition that the prior was not built for, or none where it needs
                one.
        """
        check_condition(self.condition, condition, num_images)
        if condition is None:
            tokens = self.table.expand(num_images, -1, -1)
        else:
            tokens = F.embedding(condition, self.table)
        return tokens if self.places is None else tokens + self.places


def prefix_of_codes(
    codes: CodeEmbedding,
    condition: Int[Tensor, "b c"] | None,
    num_images: int,
    start_code: int,
) -> Float[Tensor, "b c w"]:
    """Condition tokens that are the rows of the codes of the same numbers; without a condition that
    of the start code."""
    if condition is None:
        condition = torch.full((num_images, 1), start_code, device=codes.table.device)
    tokens: Tensor = codes(codes.look_up(condition[..., None]))
    return tokens[:, :, 0]
