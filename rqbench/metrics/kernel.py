"""The kernel distance of two clouds: of random subsets as published, and of all points.

Of all points come sums from which any group can be left out, and how much each point moves it.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from jaxtyping import Float, Int
from torch import Tensor

from .influence import Clusters, Halved, Influence, Measured, is_first_half

_VALUES = 2**23  # of a kernel matrix held at once, 64 MiB


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
        first=members_a.T @ _point_sums(a, a, members_a, members_a)[0],
        second=members_b.T @ _point_sums(b, b, members_b, members_b)[0],
        between=members_a.T @ _point_sums(a, b, members_a, members_b)[0],
        diagonal_first=members_a.T @ _kernel(a.square().sum(dim=1), a.shape[1]),
        diagonal_second=members_b.T @ _kernel(b.square().sum(dim=1), b.shape[1]),
        count_first=members_a.sum(dim=0),
        count_second=members_b.sum(dim=0),
    )


def kernel_distance(
    first: Float[Tensor, "n d"], second: Float[Tensor, "m d"], subsets: int, size: int, seed: int
) -> float:
    """Mean unbiased squared discrepancy of random subsets, as torch-fidelity draws them.

    clean-fid draws in the same way, the other set first and without a seed: after
    `numpy.random.seed(seed)` its `kernel_distance(b, a)` is this of (a, b).

    Args:
        first, second: the clouds.
        subsets, size: how many, and the points of each, no more than either cloud has.
        seed: of the draws.
    """
    random, total = np.random.RandomState(seed), 0.0
    alone = torch.zeros(size, dtype=torch.int64, device=first.device)
    for _ in range(subsets):
        a, b = (
            cloud[torch.from_numpy(random.choice(len(cloud), size, replace=False))]
            for cloud in (first, second)
        )
        total += kernel_sums(a, b, alone, alone).distance([0], [0])
    return total / subsets


def kernel_influences(
    first: Float[Tensor, "n d"],
    second: Float[Tensor, "m d"],
    first_clusters: Clusters = None,
    second_clusters: Clusters = None,
) -> Measured:
    """The distance of all points, unbiased, and how much each point moves it.

    What a point moves is twice its mean kernel to the others of its cloud, less twice that to the
    points of the other (the projection of a U-statistic).

    Args:
        first, second: at least four points each; the first is the reference.
        first_clusters, second_clusters: as `Influence.error` takes them.

    Source: Hoeffding 1948, Annals of Mathematical Statistics 19(3), for the projection.
    """
    a, b = first.double(), second.double()
    halves = [
        is_first_half(len(cloud), names).to(cloud.device)
        for cloud, names in ((a, first_clusters), (b, second_clusters))
    ]
    of_a, of_b = (_members((~half).long()) for half in halves)
    to_other, from_other = _point_sums(a, b, of_a, of_b)
    sides = []
    for cloud, members, between, others in ((a, of_a, to_other, of_b), (b, of_b, from_other, of_a)):
        own = _kernel(cloud.square().sum(dim=1), cloud.shape[1])
        within = _point_sums(cloud, cloud, members, members)[0] - own[:, None] * members
        sides.append(_projection(within, between, members, others))
    value = (sides[0][0] + sides[1][0]).item()
    influences = [
        Influence(values, Halved(halved, half))
        for (_, values, halved), half in zip(sides, halves, strict=True)
    ]
    return Measured(value, *influences)


def _projection(
    within: Float[Tensor, "n 2"],
    between: Float[Tensor, "n 2"],
    members: Float[Tensor, "n 2"],
    others: Float[Tensor, "m 2"],
) -> tuple[Float[Tensor, ""], Float[Tensor, " n"], Float[Tensor, " n"]]:
    """One cloud's half of the distance; each point's influence by all and by its half.

    Args:
        within: kernel sums of each point with the others of its cloud, by their halves.
        between: with the points of the other cloud.
        members, others: which half each point of the two clouds is in.
    """
    near = within.sum(dim=1) / (len(members) - 1)
    far = between.sum(dim=1) / len(others)
    own_near = (within * members).sum(dim=1) / (members @ (members.sum(dim=0) - 1))
    own_far = (between * members).sum(dim=1) / (members @ others.sum(dim=0))
    return near.mean() - far.mean(), 2 * (near - far), 2 * (own_near - own_far)


def _point_sums(
    a: Float[Tensor, "n d"],
    b: Float[Tensor, "m d"],
    members_a: Float[Tensor, "n g"],
    members_b: Float[Tensor, "m f"],
) -> tuple[Float[Tensor, "n f"], Float[Tensor, "m g"]]:
    """Kernel sums of each point of one cloud with the groups of the other, both ways."""
    of_a, of_b = [], torch.zeros_like(b[:, :1] * members_a[:1])
    rows_at_once = max(1, _VALUES // len(b))
    parts = torch.split(a, rows_at_once), torch.split(members_a, rows_at_once)
    for rows, group in zip(*parts, strict=True):
        kernel = _kernel(rows @ b.T, b.shape[1])
        of_a.append(kernel @ members_b)
        of_b += kernel.T @ group
    return torch.cat(of_a), of_b


def _members(groups: Int[Tensor, " n"]) -> Float[Tensor, "n g"]:
    return torch.nn.functional.one_hot(groups.long()).double()


def _kernel(products: Float[Tensor, "..."], dim: int) -> Float[Tensor, "..."]:
    return (products / dim + 1) ** 3
