"""The Fréchet distance between two clouds of features."""

from dataclasses import dataclass

import numpy as np
import torch
from jaxtyping import Float
from numpy.typing import NDArray
from torch import Tensor

from .moments import Moments

_ROWS = 1024  # points that are gathered at once


@dataclass(frozen=True)
class Gaussian:
    """The normal distribution with a cloud's mean Float[d] and covariance, in double precision.

    The covariance is kept as a root Float[r d], of which root^T root is the covariance; r is the
    smaller of the number of points and d, or the covariance's rank.

    Attributes:
        n: the points that it was fitted to; None where it is known by other means.
    """

    mean: Tensor
    root: Tensor
    n: int | None = None

    @property
    def has_too_few(self) -> bool:
        """Whether there are no more points than features that vary, so that the covariance has
        directions without spread for want of points. Points that repeat lower its rank further."""
        if self.n is None:
            return False
        spread = self.root.square().sum(dim=0)
        varying = spread > spread.max() * len(spread) * torch.finfo(torch.float64).eps
        return self.n - 1 <= int(varying.sum())


def gaussian(cloud: Float[Tensor, "n d"]) -> Gaussian:
    """The normal distribution that fits at least two points: fast where they are few.

    Of more points than dimensions the triangle of the QR decomposition is kept, which has the same
    covariance.
    """
    points = cloud.double()
    mean = points.mean(dim=0)
    root = (points - mean) / (len(points) - 1) ** 0.5
    if len(root) > root.shape[1]:
        root = torch.linalg.qr(root, mode="r").R
    return Gaussian(mean, root, len(points))


def gaussian_of(moments: Moments) -> Gaussian:
    """The normal distribution with these moments: fast where points are many, and as many as come.

    Directions without spread are left out: their eigenvalues are rounding, and the root of rounding
    is no rounding any more.
    """
    values, vectors = torch.linalg.eigh(moments.covariance)
    floor = values[-1] * len(values) * torch.finfo(torch.float64).eps
    kept = values > floor
    if moments.n is not None:
        kept[: max(len(values) - moments.n + 1, 0)] = False  # ascending: n points span n - 1
    root = values[kept].sqrt()[:, None] * vectors[:, kept].T
    return Gaussian(moments.mean, root, moments.n)


def fitted(cloud: Float[Tensor, "n d"], kept: NDArray[np.intp] | None = None) -> Gaussian:
    """The normal distribution of some points by whichever way is fast; `gaussian_of`'s where there
    are more of them than dimensions.

    Args:
        kept: which points, all where None. They are never copied all at once where they are many.
    """
    rows = torch.arange(len(cloud)) if kept is None else torch.from_numpy(kept)
    if len(rows) <= cloud.shape[1]:
        return gaussian(cloud[rows])
    moments = Moments(cloud.shape[1], cloud.device)
    for some in torch.split(rows, _ROWS):
        moments.add(cloud[some])
    return gaussian_of(moments)


@dataclass(frozen=True)
class FrechetParts:
    """What a Fréchet distance is made of.

    Attributes:
        means: squared distance of the means.
        traces: of the two covariances.
        shared: Float[r], singular values of the roots' product, descending; their sum is the trace
            of (S1 S2)^(1/2), and their squares are the eigenvalues of S1 S2.
    """

    means: float
    traces: tuple[float, float]
    shared: Tensor

    @property
    def distance(self) -> float:
        """Squared; never below zero, where rounding can leave it."""
        return max(self.means + sum(self.traces) - 2 * float(self.shared.sum()), 0.0)


def frechet_parts(first: Gaussian, second: Gaussian) -> FrechetParts:
    """Of two normal distributions, singular or not.

    With roots A and B the trace of (S1 S2)^(1/2) is the sum of the singular values of A B^T, so
    that n points in d dimensions need no decomposition larger than the smaller of n and d a side.
    """
    return FrechetParts(
        float((first.mean - second.mean).square().sum()),
        (float(first.root.square().sum()), float(second.root.square().sum())),
        torch.linalg.svdvals(first.root @ second.root.T),
    )


def frechet_distance(first: Gaussian, second: Gaussian) -> float:
    """Squared Fréchet distance, with the unbiased covariances (n - 1) as published.

    Of far fewer points than twice the dimension the distance is mostly a matter of their number.

    Source: Dowson and Landau 1982, Journal of Multivariate Analysis 12(3); Heusel et al. 2017,
    arXiv:1706.08500.
    """
    return frechet_parts(first, second).distance
