"""Tables, transformers and heads of the DQ-Transformer, as published (Huang et al. 2023).

Axes: b images, t slots, w width; `*n` any.
"""

from typing import Literal

import torch
from jaxtyping import Bool, Float, Int
from pydantic import Field
from torch import Tensor, nn

from .dq_rules import DQRules
from .dq_tokens import Alphabets, Tokens
from .transformer import Stack, TransformerConfig, initialise


class DQTransformerConfig(TransformerConfig):
    """Everything needed to rebuild one DQ-Transformer."""

    inputs: Literal["learned"] = Field("learned", description="codes enter as learned rows")
    output_bias: Literal["none"] = Field("none", description="the published heads have no biases")
    position_layers: int = Field(2, ge=1, description="blocks that say where; published 6")
    content_layers: int = Field(2, ge=1, description="blocks that say what; published 18")
    block_size: int | None = Field(
        None,
        ge=1,
        description="rows of the table of slots; None: as many as the longest image needs; "
        "published 2048",
    )
    fine_order: Literal["row-first", "region-first"] = Field(
        "row-first", description="fine codes in raster order over the grid, or region by region"
    )
    loss: Literal["likelihood", "published"] = Field(
        "likelihood",
        description="minus log_prob, or the published sum of means over contents and positions, "
        "in which ends and start tokens count too",
    )
    rules: DQRules = Field(DQRules(), description="of drawing")


class DQNetwork(nn.Module):
    """From tokens to the streams of both transformers and to logits over all ids."""

    def __init__(self, config: DQTransformerConfig, alphabets: Alphabets, num_slots: int) -> None:
        super().__init__()
        width = config.width
        self.contents = nn.Embedding(alphabets.contents.size, width)
        self.regions = nn.Embedding(alphabets.regions.size, width)
        self.cells = nn.Embedding(alphabets.cells.size, width)
        self.parts = nn.Embedding(2, width)  # coarse, fine
        self.slots = nn.Parameter(torch.zeros(num_slots, width))
        self.dropout = nn.Dropout(config.embedding_dropout)
        self.position_stack = Stack(config.position_layers, config)
        self.content_stack = Stack(config.content_layers, config)
        self.position_norm, self.content_norm = nn.LayerNorm(width), nn.LayerNorm(width)
        # one head for the positions of both parts: coarse ones have the first of its ids
        self.position_head = nn.Linear(width, alphabets.cells.size, bias=False)
        self.content_head = nn.Linear(width, alphabets.contents.size, bias=False)
        self.apply(initialise)

    def positions(self, position: Int[Tensor, "*n"], fine: Bool[Tensor, "*n"]) -> Tensor:
        """Vectors of positions: regions where tokens are coarse, cells where they are fine."""
        regions = self.regions(position.masked_fill(fine, 0))
        return torch.where(fine[..., None], self.cells(position), regions)

    def inputs(
        self,
        content: Int[Tensor, "b t"],
        here: Float[Tensor, "b t w"],
        fine: Bool[Tensor, "b t"],
        first_slot: int,
    ) -> Float[Tensor, "b t w"]:
        """Tokens at t slots as the position transformer sees them; `here` is of their positions."""
        slots = self.slots[first_slot : first_slot + content.shape[1]]
        result: Tensor = self.contents(content) + here + slots + self.parts(fine.long())
        return result

    def streams(
        self, tokens: Tokens, rules: DQRules
    ) -> tuple[Float[Tensor, "b t w"], Float[Tensor, "b t w"]]:
        """What the position and the content transformer say at all slots but the last."""
        vectors, fine = self.positions(tokens.position, tokens.fine), tokens.fine[:, :-1]
        here, there = vectors[:, :-1], vectors[:, 1:]
        inputs = self.inputs(tokens.content[:, :-1], here, fine, 0)
        where = self.position_stack(self.dropout(inputs))
        what = self.content_stack(where + there)
        if rules.coarse_context == "unshifted":
            fine = fine[..., None]
            unshifted = self.content_stack(where + torch.where(fine, there, here))
            what = torch.where(fine, unshifted, what)
        return where, what

    def position_logits(self, where: Float[Tensor, "*n w"]) -> Float[Tensor, "*n cells"]:
        """Over all ids of cells."""
        logits: Tensor = self.position_head(self.position_norm(where))
        return logits

    def content_logits(self, what: Float[Tensor, "*n w"]) -> Float[Tensor, "*n contents"]:
        """Over all ids of contents."""
        logits: Tensor = self.content_head(self.content_norm(what))
        return logits
