"""Which symbols may be drawn: the one place that log_prob, generate, sample and symbols ask.

Contents range over all k codes, grains of a map over all grains. Positions (coarse-to-fine order)
obey the rule that makes each grain map one sequence of symbols and no more:

- each grain but the last names its regions in strictly increasing raster order, among those that
  coarser grains left, and then says END, which is legal from the start;
- the last grain takes what is left and says nothing;
- where only END is legal, nobody draws it: no symbol, no ordinal, zero bits.

Axes: b images, r regions in raster order, m position symbols, v vocabulary.
"""

from dataclasses import dataclass

import torch
import torch.nn.functional as F
from jaxtyping import Bool, Float, Int
from torch import Tensor

from rqbench.api import CodeLayout


def all_legal(logits: Float[Tensor, "n v"]) -> Bool[Tensor, "n v"]:
    """The mask of contents and of grains."""
    return torch.ones((), dtype=torch.bool, device=logits.device).expand(logits.shape)


def legal_positions(
    region_grains: Int[Tensor, "*n r"], grain: Int[Tensor, "*n"], last: Int[Tensor, "*n"]
) -> Bool[Tensor, "*n v"]:
    """The mask of the next position symbol: r regions, then END.

    Args:
        region_grains: grains decided so far; regions not yet decided hold the last grain.
        grain: the grain that names its regions now.
        last: the region that this grain named last, -1 if none.
    """
    index = torch.arange(region_grains.shape[-1], device=region_grains.device)
    free = (region_grains >= grain[..., None]) & (index > last[..., None])
    return F.pad(free, (0, 1), value=True)


def has_choice(legal: Bool[Tensor, "*n v"]) -> Bool[Tensor, "*n"]:
    """Whether anything but END may be drawn."""
    return legal[..., :-1].any(dim=-1)


def last_named(region_grains: Int[Tensor, "n r"], grain: Int[Tensor, " n"]) -> Int[Tensor, " n"]:
    """The region that each row's grain named last, -1 if none."""
    index = torch.arange(region_grains.shape[1], device=region_grains.device)
    return torch.where(region_grains == grain[:, None], index, -1).amax(dim=1)


@dataclass(frozen=True)
class Positions:
    """The position symbols of each image in the order they are drawn.

    Attributes:
        symbol: Int[b m], a region or END; -1 past an image's end.
        grain: Int[b m], the grain that names the region.
        last: Int[b m], the region that this grain named before, -1 if none.
        slot: Int[b m], how many codes of the image are drawn before it.
    """

    symbol: Int[Tensor, "b m"]
    grain: Int[Tensor, "b m"]
    last: Int[Tensor, "b m"]
    slot: Int[Tensor, "b m"]


def positions(region_grains: Int[Tensor, "b r"], layout: CodeLayout) -> Positions:
    """The position symbols that tell these grain maps."""
    b, r = region_grains.shape
    device = region_grains.device
    per_region = torch.tensor(layout.codes_per_region, device=device)
    grains = torch.arange(layout.num_grains - 1, device=device)
    named = region_grains[:, None, :] == grains[:, None]  # b, all grains but the last, r
    # one column for each region and one for END: what came before it in its grain
    before = F.pad(named.cumsum(dim=-1), (1, 0))
    index = torch.where(named, torch.arange(r, device=device), -1)
    last = F.pad(index.cummax(dim=-1).values, (1, 0), value=-1)
    counts = named.sum(dim=-1) * per_region[:-1]
    slot = (counts.cumsum(dim=-1) - counts)[..., None] + before * per_region[:-1, None]
    grain = grains[:, None].expand(b, -1, r + 1)
    ends = has_choice(
        legal_positions(
            region_grains[:, None].expand(-1, len(grains), -1), grain[..., -1], last[..., -1]
        )
    )
    drawn = torch.cat([named, ends[..., None]], dim=-1).flatten(1)
    symbol = torch.arange(r + 1, device=device).repeat(len(grains)).expand(b, -1)
    symbol = symbol.masked_fill(~drawn, -1)
    order = drawn.byte().argsort(dim=1, descending=True, stable=True)
    order = order[:, : int(drawn.sum(dim=1).max()) if b else 0]
    return Positions(
        *(column.flatten(1).gather(1, order) for column in (symbol, grain, last, slot))
    )


def drawing_order(
    named: Positions, contents: Int[Tensor, "b n"], layout: CodeLayout
) -> Int[Tensor, "b all"]:
    """Where each image's symbols stand in its positions followed by its contents, as they are
    drawn.

    Each position comes right before the code of its slot, a coarser grain's END before a finer
    grain's first region. What is past an image's end comes last.
    """
    slot = torch.arange(contents.shape[1], device=contents.device).expand_as(contents)
    last_grain = torch.full_like(contents, layout.num_grains - 1)
    key = torch.cat([named.slot, slot], dim=1) * layout.num_grains
    key = key + torch.cat([named.grain, last_grain], dim=1)
    ended = torch.cat([named.symbol, contents], dim=1) < 0
    longest = int((~ended).sum(dim=1).max()) if len(contents) else 0
    return key.masked_fill(ended, torch.iinfo(torch.int64).max).argsort(dim=1)[:, :longest]


def symbol_log_probs(
    logits: Float[Tensor, "*n v"],
    symbols: Int[Tensor, "*n"],
    legal: Bool[Tensor, "*n v"] | None = None,
) -> Float[Tensor, "*n"]:
    """Log-probability of each symbol in nats, among the legal ones; 0 where the symbol is -1.

    In single precision at least; None means that all are legal.
    """
    precise = logits if logits.dtype == torch.float64 else logits.float()
    if legal is not None:
        precise = precise.masked_fill(~legal, -torch.inf)
    losses = F.cross_entropy(
        precise.flatten(0, -2), symbols.flatten(), ignore_index=-1, reduction="none"
    )
    return -losses.view(symbols.shape)
