"""The Fréchet distance between two clouds of features."""

from dataclasses import dataclass

import torch
from jaxtyping import Float
from torch import Tensor


@dataclass(frozen=True)
class Gaussian:
    """The normal distribution with a cloud's mean Float[d] and covariance, in double precision.

    The covariance is kept as a root Float[r d], of which root^T root is the covariance; r is the
    smaller of the number of points and d.
    """

    mean: Tensor
    root: Tensor


def gaussian(cloud: Float[Tensor, "n d"]) -> Gaussian:
    """The normal distribution that fits at least two points.

    Of more points than dimensions the triangle of the QR decomposition is kept, which has the same
    covariance.
    """
    points = cloud.double()
    mean = points.mean(dim=0)
    root = (points - mean) / (len(points) - 1) ** 0.5
    if len(root) > root.shape[1]:
        root = torch.linalg.qr(root, mode="r").R
    return Gaussian(mean, root)


def frechet_distance(first: Gaussian, second: Gaussian) -> float:
    """Squared Fréchet distance, with the unbiased covariances (n - 1) as published.

    With roots A and B the trace of (S1 S2)^(1/2) is the sum of the singular values of A B^T, so
    that n points in d dimensions need no decomposition larger than the smaller of n and d a side.
    Of far fewer points than twice the dimension the distance is mostly a matter of their number.

    Source: Dowson and Landau 1982, Journal of Multivariate Analysis 12(3); Heusel et al. 2017,
    arXiv:1706.08500.
    """
    shared = torch.linalg.svdvals(first.root @ second.root.T).sum()
    spread = first.root.square().sum() + second.root.square().sum() - 2 * shared
    distance = float((first.mean - second.mean).square().sum() + spread)
    return max(distance, 0.0)  # rounding can leave it a hair below
