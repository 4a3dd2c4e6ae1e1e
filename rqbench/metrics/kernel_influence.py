"""How much each picture moves a kernel distance.

The unbiased distance is a mean over pairs, so what a picture moves it by is twice the mean of its
own pairs: those with its set less those with the other.
"""

from dataclasses import replace

import torch
from jaxtyping import Bool, Float
from torch import Tensor

from .influence import Clusters, Halved, Influence, is_first_half

_ROWS, _COLUMNS = 512, 4096  # of a kernel matrix held at once


def kernel_influences(
    first: Float[Tensor, "n d"],
    second: Float[Tensor, "m d"],
    first_clusters: Clusters = None,
    second_clusters: Clusters = None,
) -> tuple[Influence, Influence]:
    """Of the pictures of both sets, on their kernel distance.

    Args:
        first, second: features, two pictures and more of each.
        first_clusters, second_clusters: as `Influence` has them.

    Source of the kernel, (x.y / d + 1)^3: Bińkowski et al. 2018, arXiv:1801.01401.
    """
    halves = (
        is_first_half(len(first), first_clusters).to(first.device),
        is_first_half(len(second), second_clusters).to(second.device),
    )
    return (
        replace(_influence(first, second, halves[0], halves[1]), clusters=first_clusters),
        replace(_influence(second, first, halves[1], halves[0]), clusters=second_clusters),
    )


def bias_of_pairs(first: Float[Tensor, "n d"], second: Float[Tensor, "n d"]) -> float:
    """What pictures that pair add to the kernel distance of two sets in one order.

    One in n of the kernel's values between the sets is of a pair, and larger than those of
    independent pictures; the distance takes twice their mean off. It is the same for subsets.
    """
    n, every = len(first), torch.ones(len(second), dtype=torch.bool, device=second.device)
    between = float(_sums(first, second, every).sum())
    blocks = zip(torch.split(first, _COLUMNS), torch.split(second, _COLUMNS), strict=True)
    products = torch.cat([(one.double() * other.double()).sum(dim=1) for one, other in blocks])
    of_pairs = float(((products / first.shape[1] + 1) ** 3).sum())
    return -2 / n * (of_pairs / n - (between - of_pairs) / (n * (n - 1)))


def _influence(
    own: Float[Tensor, "n d"],
    other: Float[Tensor, "m d"],
    own_first: Bool[Tensor, " n"],
    other_first: Bool[Tensor, " m"],
) -> Influence:
    """Of one set's pictures, by all pairs and by those within the same halves of both sets."""
    within, between = _sums(own, own, own_first), _sums(own, other, other_first)
    within = within - _with_itself(own, own_first)
    values = 2 * (within.sum(dim=1) / (len(own) - 1) - between.sum(dim=1) / len(other))
    ours, theirs = _counts(own_first), _counts(other_first)
    if ours.min() < 2 or theirs.min() < 1:
        return Influence(values)
    half = (~own_first).long()[:, None]  # the column of a picture's own half
    halved = within / (ours - 1) - between / theirs
    return Influence(values, Halved(2 * halved.gather(1, half)[:, 0], own_first))


def _sums(
    rows: Float[Tensor, "n d"], columns: Float[Tensor, "m d"], is_first: Bool[Tensor, " m"]
) -> Float[Tensor, "n 2"]:
    """Sums of the kernel over the first half of the columns, and over the second."""
    members = _members(is_first)
    parts = []
    for some in torch.split(rows, _ROWS):
        blocks = zip(torch.split(columns, _COLUMNS), torch.split(members, _COLUMNS), strict=True)
        found = [_kernel(some, block).double() @ named for block, named in blocks]
        parts.append(torch.stack(found).sum(dim=0))
    return torch.cat(parts)


def _kernel(first: Float[Tensor, "n d"], second: Float[Tensor, "m d"]) -> Float[Tensor, "n m"]:
    """In single precision: influences are means of many, of which three digits are enough."""
    return (first.float() @ second.float().T / first.shape[1] + 1) ** 3


def _with_itself(
    features: Float[Tensor, "n d"], is_first: Bool[Tensor, " n"]
) -> Float[Tensor, "n 2"]:
    blocks = torch.split(features, _COLUMNS)
    squares = torch.cat([block.float().square().sum(dim=1) for block in blocks])
    return (squares / features.shape[1] + 1).double()[:, None] ** 3 * _members(is_first)


def _members(is_first: Bool[Tensor, " n"]) -> Float[Tensor, "n 2"]:
    return torch.stack([is_first, ~is_first], dim=1).double()


def _counts(is_first: Bool[Tensor, " n"]) -> Float[Tensor, "2"]:
    return _members(is_first).sum(dim=0)
