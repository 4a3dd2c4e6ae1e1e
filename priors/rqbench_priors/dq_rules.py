"""How the DQ-Transformer draws: the rule that makes its likelihood exact, or what was published.

Defaults are the rule of `legal.py` and the sequence that the model is trained on. Each option goes
one step towards the sampler in the released code of Huang et al. 2023.
"""

from typing import Literal

import torch
from jaxtyping import Bool, Int
from pydantic import Field
from torch import Tensor
from torch.nn import functional as F

from rqbench.api import Config

from .dq_tokens import Alphabet
from .legal import last_named, legal_positions


class DQRules(Config):
    """What may be drawn, and what the transformers see of it."""

    coarse_order: Literal["increasing", "any"] = Field(
        "increasing",
        description="coarse regions are named in raster order, as in training; the released "
        "sampler lets each be any that was not named yet",
    )
    last_region: Literal["free", "never-coarse"] = Field(
        "free",
        description="the released sampler forbids one id too many, so that the bottom-right region "
        "is never coarse",
    )
    coarse_end: Literal["end", "pad"] = Field(
        "end",
        description="the content that stands at the end of the coarse part: in training the end, "
        "in the released sampler a pad",
    )
    coarse_context: Literal["shifted", "unshifted"] = Field(
        "shifted",
        description="while fine codes are drawn, the content transformer sees each coarse slot "
        "with the place of the next token, as in training; the released sampler then gives it the "
        "slot's own place",
    )
    fine_positions: Literal["given", "drawn"] = Field(
        "given",
        description="fine cells follow from the map, or the position transformer draws them in any "
        "order and may end early, which leaves code 0 in the cells that it did not name; the "
        "released sampler offers both",
    )
    start_cell: Literal["free", "never-drawn"] = Field(
        "free",
        description="where fine positions are drawn, the released class-conditional sampler "
        "forbids the cell whose number is the coarse start id of the class",
    )

    @property
    def tell_maps_once(self) -> bool:
        """Whether the symbols drawn are those of `legal.py`, one sequence for each image's codes.

        What the transformers see while drawing is another matter: any choice of it gives an exact
        likelihood."""
        return (self.coarse_order, self.last_region, self.fine_positions) == (
            "increasing", "free", "given",
        )  # fmt: skip

    def end_content(self, contents: Alphabet) -> int:
        """The content id at the end of the coarse part."""
        return contents.end if self.coarse_end == "end" else contents.pad


def legal_regions(regions: Int[Tensor, "n r"], rules: DQRules) -> Bool[Tensor, "n symbols"]:
    """What an image may name next as coarse: regions, then END.

    Args:
        regions: grains so far; 1 where nothing is decided.
    """
    legal = F.pad(regions != 0, (0, 1), value=True)
    if rules.coarse_order == "increasing":
        coarse = torch.zeros_like(regions[:, 0])
        legal = legal_positions(regions, coarse, last_named(regions, coarse))
    if rules.last_region == "never-coarse":
        legal[:, -2] = False
    return legal


def legal_cells(
    free: Bool[Tensor, "n cells"], start_cells: Int[Tensor, " n"] | None, rules: DQRules
) -> Bool[Tensor, "n symbols"]:
    """What an image may name next as fine: cells, then END.

    Args:
        free: cells of fine regions that were not named yet.
        start_cells: the coarse start id of each image's class; None for unconditional models.
    """
    if rules.start_cell == "never-drawn" and start_cells is not None:
        cells = torch.arange(free.shape[1], device=free.device)
        free = free & (cells != start_cells[:, None])
    return F.pad(free, (0, 1), value=True)
