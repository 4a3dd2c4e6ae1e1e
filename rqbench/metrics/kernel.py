"""Sums of the polynomial kernel over groups of points, from which any group can be left out."""

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from jaxtyping import Float, Int
from torch import Tensor

_ROWS = 1024  # rows of a kernel matrix held at once


@dataclass(frozen=True)
class KernelSums:
    """Kernel sums of two clouds whose points belong to g groups each.

    Attributes:
        first, second, between: Float[g g], sums over pairs of points by the groups of the two.
        diagonal_first, diagonal_second: Float[g], sums over points paired with themselves.
        count_first, count_second: Float[g], points in each group.
    """

    first: Tensor
    second: Tensor
    between: Tensor
    diagonal_first: Tensor
    diagonal_second: Tensor
    count_first: Tensor
    count_second: Tensor

    def distance(self, first: Sequence[int], second: Sequence[int]) -> float:
        """Unbiased squared maximum mean discrepancy between the points of these groups.

        Pairs between the clouds all count, those of an image with its own reconstruction too.

        Source: Gretton et al. 2012, Journal of Machine Learning Research 13, lemma 6.
        """
        i, j = torch.tensor(first), torch.tensor(second)
        n, m = self.count_first[i].sum(), self.count_second[j].sum()
        within_first = self.first[i][:, i].sum() - self.diagonal_first[i].sum()
        within_second = self.second[j][:, j].sum() - self.diagonal_second[j].sum()
        between = self.between[i][:, j].sum()
        value = within_first / (n * (n - 1)) + within_second / (m * (m - 1)) - 2 * between / (n * m)
        return float(value)


def kernel_sums(
    first: Float[Tensor, "n d"],
    second: Float[Tensor, "m d"],
    groups_first: Int[Tensor, " n"],
    groups_second: Int[Tensor, " m"],
) -> KernelSums:
    """Sums by group of the kernel (x.y / d + 1)^3, in double precision.

    Args:
        first, second: the clouds.
        groups_first, groups_second: the group of each point, counted from 0.

    Source of the kernel: Bińkowski et al. 2018, arXiv:1801.01401, section 4.
    """
    a, b = first.double(), second.double()
    members_a, members_b = _members(groups_first), _members(groups_second)
    return KernelSums(
        first=_sums(a, a, members_a, members_a),
        second=_sums(b, b, members_b, members_b),
        between=_sums(a, b, members_a, members_b),
        diagonal_first=members_a.T @ _kernel(a.square().sum(dim=1), a.shape[1]),
        diagonal_second=members_b.T @ _kernel(b.square().sum(dim=1), b.shape[1]),
        count_first=members_a.sum(dim=0),
        count_second=members_b.sum(dim=0),
    )


def _members(groups: Int[Tensor, " n"]) -> Float[Tensor, "n g"]:
    return torch.nn.functional.one_hot(groups.long()).double()


def _kernel(products: Float[Tensor, "..."], dim: int) -> Float[Tensor, "..."]:
    return (products / dim + 1) ** 3


def _sums(
    a: Float[Tensor, "n d"],
    b: Float[Tensor, "m d"],
    members_a: Float[Tensor, "n g"],
    members_b: Float[Tensor, "m f"],
) -> Float[Tensor, "g f"]:
    blocks = zip(torch.split(a, _ROWS), torch.split(members_a, _ROWS), strict=True)
    parts = [group.T @ (_kernel(rows @ b.T, b.shape[1]) @ members_b) for rows, group in blocks]
    return torch.stack(parts).sum(dim=0)
