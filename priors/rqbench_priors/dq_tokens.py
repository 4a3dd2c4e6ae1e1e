"""Codes as the token sequences of the published DQ-Transformer, and their ids.

Each slot of a sequence holds a token: a content and the position it stands at. The coarse part has
start tokens, the coarse codes with their regions, and an end; the fine part start tokens, the fine
codes with their cells, and an end. Images are padded behind their end only, so a slot's number
depends on its own image; the released code also pads the coarse part, to the longest in the batch.

Every id is of one of three alphabets (Huang et al. 2023 and their released code): contents, regions
and cells. The start token of a class-conditional model is the class; a condition of several symbols
is as many start tokens, which is ours.

Axes: b images, n codes in the order of an image, t slots, c start tokens, v ids.
"""

from dataclasses import dataclass

import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor

from rqbench.api import CodeLayout, ConditionSpec

from .conditions import prefix_length


@dataclass(frozen=True)
class Alphabet:
    """Ids of one kind: the payload from 0, then pad, end and the start symbols.

    Attributes:
        payload: how many codes, regions or cells there are.
        num_starts: one for unconditional models, else one for each value of a condition symbol.
    """

    payload: int
    num_starts: int

    @property
    def pad(self) -> int:
        return self.payload

    @property
    def end(self) -> int:
        return self.payload + 1

    @property
    def start(self) -> int:
        """The first start symbol."""
        return self.payload + 2

    @property
    def size(self) -> int:
        return self.payload + 2 + self.num_starts

    def with_end(self, logits: Float[Tensor, "*n v"]) -> Float[Tensor, "*n symbols"]:
        """Of logits over ids (or over more), those of the payload and, last, of the end."""
        return torch.cat([logits[..., : self.payload], logits[..., self.end, None]], dim=-1)


@dataclass(frozen=True)
class Alphabets:
    """The ids of one layout under one kind of condition.

    Attributes:
        num_starts: start tokens of each part.
    """

    contents: Alphabet
    regions: Alphabet
    cells: Alphabet
    num_starts: int

    @classmethod
    def of(cls, layout: CodeLayout, condition: ConditionSpec | None) -> "Alphabets":
        kinds = condition.num_symbols if condition else 1
        return cls(
            Alphabet(layout.codebook_size, kinds),
            Alphabet(layout.num_regions, kinds),
            Alphabet(layout.height * layout.width, kinds),
            prefix_length(condition),
        )

    def num_tokens(self, num_codes: int) -> int:
        """Tokens of an image of so many codes."""
        return num_codes + 2 * self.num_starts + 2


@dataclass(frozen=True)
class Tokens:
    """Padded sequences.

    Attributes:
        content, position: Int[b t], ids; positions are regions in the coarse part and cells in the
            fine one.
        fine: Bool[b t], which part a slot belongs to (pads: the fine one).
        real: Bool[b t], whether a slot is no pad.
    """

    content: Int[Tensor, "b t"]
    position: Int[Tensor, "b t"]
    fine: Bool[Tensor, "b t"]
    real: Bool[Tensor, "b t"]


def serialise(
    contents: Int[Tensor, "b n"],
    positions: Int[Tensor, "b n"],
    num_coarse: Int[Tensor, " b"],
    starts: Int[Tensor, "b c"],
    alphabets: Alphabets,
    coarse_end: int,
) -> Tokens:
    """The sequences of images.

    Args:
        contents, positions: of all codes in order, coarse ones first; -1 past an image's end.
        num_coarse: how many of the codes are coarse.
        starts: condition symbols; 0 for unconditional models.
        coarse_end: the content at the end of the coarse part.
    """
    num_codes, num_coarse = (contents >= 0).sum(dim=1)[:, None], num_coarse[:, None]
    c, length = alphabets.num_starts, alphabets.num_tokens(contents.shape[1])
    slot = torch.arange(length, device=contents.device)
    fine = slot > num_coarse + c
    place = torch.where(fine, slot - num_coarse - c - 1, slot)  # within the part
    behind = place - c - torch.where(fine, num_codes - num_coarse, num_coarse)  # 0 is the end
    code = (place - c + fine * num_coarse).clamp(0, contents.shape[1] - 1)
    start = starts.gather(1, place.clamp(0, c - 1))

    def tokens(payload: Tensor, begin: Tensor, end: Tensor, pad: int) -> Tensor:
        inner = torch.where(behind < 0, payload.gather(1, code), end)
        return torch.where(place < c, begin + start, inner).masked_fill(behind > 0, pad)

    content, region, cell = alphabets.contents, alphabets.regions, alphabets.cells
    return Tokens(
        tokens(
            contents,
            torch.full_like(start, content.start),
            torch.where(fine, content.end, coarse_end),
            content.pad,
        ),
        tokens(
            positions,
            torch.where(fine, cell.start, region.start),
            torch.where(fine, cell.end, region.end),
            cell.pad,
        ),
        fine,
        behind <= 0,
    )


def slots_before(
    num_codes: int, num_coarse: Int[Tensor, " b"], num_starts: int
) -> Int[Tensor, "b n"]:
    """The slot right before each code, from which it is predicted."""
    code = torch.arange(num_codes, device=num_coarse.device)
    return code + torch.where(code < num_coarse[:, None], num_starts - 1, 2 * num_starts)
