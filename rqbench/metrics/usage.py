"""How much of the codebook is used, and how much of the picture each grain tells."""

from dataclasses import dataclass

import torch
from jaxtyping import Float, Int
from torch import Tensor
from torch.nn import functional as F

from rqbench.codes import Codes, cell_grains
from rqbench.errors import UnsupportedError


@dataclass(frozen=True)
class Usage:
    """Use of the codebook by some of the codes, each counted once.

    Attributes:
        settings: which codes: {} for all, {"depth": 0} for one depth, {"grain": 1} for one grain.
        num_codes: how many there were. Fewer than the codebook has entries cannot use all of it.
        used_share: share of the codebook's entries that came at least once, in [0, 1].
        perplexity: exp of the entropy of their frequencies; k if all are equally frequent, 0 if
            there were no codes.
    """

    settings: dict[str, int]
    num_codes: int
    used_share: float
    perplexity: float


def codebook_usage(codes: Codes) -> list[Usage]:
    """Use by all codes; by depth, where they are stacked; by grain, where they are dynamic.

    Over all depths an index counts as the same entry, whether or not depths share a codebook.
    """
    return usage_of_counts(count_codes(codes))


def count_codes(codes: Codes) -> Int[Tensor, "g d k"]:
    """How often each code came in each grain and depth, each code counted once. The counts of two
    batches may be added."""
    layout = codes.layout
    shape = layout.num_grains, layout.depth, layout.codebook_size
    places = table_places(codes)[codes.code_mask()]  # n d
    return places.flatten().bincount(minlength=shape[0] * shape[1] * shape[2]).view(shape)


def table_places(codes: Codes) -> Int[Tensor, "b h w d"]:
    """Where each code stands in a flattened table of g d k."""
    layout = codes.layout
    rows = torch.arange(layout.depth, device=codes.values.device)
    if codes.grain_map is not None:
        rows = cell_grains(codes.grain_map, layout)[..., None] * layout.depth + rows
    return rows * layout.codebook_size + codes.values


def usage_of_counts(counts: Int[Tensor, "g d k"]) -> list[Usage]:
    """As `codebook_usage`, of the codes that were counted."""
    num_grains, depth, _ = counts.shape
    usages = [_usage({}, counts.sum(dim=(0, 1)))]
    if depth > 1:
        usages += [_usage({"depth": d}, counts[:, d].sum(dim=0)) for d in range(depth)]
    if num_grains > 1:
        usages += [_usage({"grain": g}, counts[g].sum(dim=0)) for g in range(num_grains)]
    return usages


def fine_ratio(codes: Codes) -> Float[Tensor, " b"]:
    """Share of each image's regions that are told in the finest grain.

    Raises:
        UnsupportedError: as `grain_ratios`.
    """
    return grain_ratios(codes)[:, -1]


def grain_ratios(codes: Codes) -> Float[Tensor, "b g"]:
    """Share of each image's regions that each grain has, coarse to fine.

    Raises:
        UnsupportedError: codes of fixed length, which have no grains.
    """
    if codes.grain_map is None:
        raise UnsupportedError(
            "Codes of fixed length have no grains, so there are no shares of them. "
            "Ask for it only where `layout.is_dynamic`."
        )
    return F.one_hot(codes.grain_map, codes.layout.num_grains).double().mean(dim=(1, 2))


def _usage(settings: dict[str, int], counts: Int[Tensor, " k"]) -> Usage:
    total = int(counts.sum())
    if total == 0:
        return Usage(settings, 0, 0.0, 0.0)
    entropy = torch.special.entr(counts.double() / total).sum()
    return Usage(settings, total, float((counts > 0).double().mean()), float(entropy.exp()))
