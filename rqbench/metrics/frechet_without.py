"""The Fréchet distance of a set to what stands fixed, and what it becomes without some pictures.

The roots of the eigenvalues of R C R^T add up to the trace that both covariances share, where R is
the fixed set's root and C the other's covariance. Leaving pictures out takes their part off a sum
over pictures, so that no set is fitted again, and no matrix is larger than the fixed set's root is
high.

Axes: n pictures in d dimensions, r rows of the fixed set's root.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor

from rqbench.resampling import LeftOut

from .frechet import Gaussian

_ROWS = 1024  # points that are in double precision at once


@dataclass(frozen=True)
class _Sums:
    """Over some points, centred on the mean of all.

    Attributes:
        first: Float[d], of the points.
        squares: of their lengths, squared.
        products: Float[r r], of what the fixed root makes of each, with itself.
    """

    count: int
    first: Tensor
    squares: float
    products: Tensor

    def without(self, other: "_Sums") -> "_Sums":
        return _Sums(
            self.count - other.count,
            self.first - other.first,
            self.squares - other.squares,
            self.products - other.products,
        )


def distances_without(
    cloud: Float[Tensor, "n d"], fixed: Gaussian, groups: Sequence[str]
) -> LeftOut:
    """The distance of a set to a fixed distribution without each group of its points in turn.

    Exact up to rounding, which the root of an eigenvalue near zero enlarges to some 1e-7 of the
    distance: enough for an error bar.

    Args:
        groups: the group of each point; two points and more are left without any of them.
    """
    names, members = np.unique(groups, return_inverse=True)
    places = [torch.from_numpy(np.flatnonzero(members == group)) for group in range(len(names))]
    mean = cloud.mean(dim=0, dtype=torch.float64)
    whole = _sums(cloud, torch.arange(len(cloud)), mean, fixed)
    value = _distance(whole, mean, fixed)
    if len(names) == 1:
        return LeftOut(value, [], [])
    left = (whole.without(_sums(cloud, group, mean, fixed)) for group in places)  # one at a time
    return LeftOut(value, [_distance(each, mean, fixed) for each in left], names.tolist())


def _sums(cloud: Tensor, places: Tensor, mean: Tensor, fixed: Gaussian) -> _Sums:
    height = len(fixed.root)
    first, squares, products = torch.zeros_like(mean), 0.0, mean.new_zeros(height, height)
    for some in torch.split(places, _ROWS):
        points = cloud[some].double() - mean
        seen = points @ fixed.root.T
        first += points.sum(dim=0)
        squares += float(points.square().sum())
        products.addmm_(seen.T, seen)
    return _Sums(len(places), first, squares, products)


def _distance(sums: _Sums, mean: Tensor, fixed: Gaussian) -> float:
    """From sums to moments: the shift of the mean is taken off again, and n - 1 divides."""
    shift = sums.first / sums.count
    seen = fixed.root @ shift
    products = (sums.products - sums.count * torch.outer(seen, seen)) / (sums.count - 1)
    trace = (sums.squares - sums.count * float(shift.square().sum())) / (sums.count - 1)
    values = torch.linalg.eigvalsh(products)
    floor = values[-1] * len(values) * torch.finfo(torch.float64).eps
    shared = float(values[values > floor].sqrt().sum())
    means = float((mean + shift - fixed.mean).square().sum())
    return max(means + trace + float(fixed.root.square().sum()) - 2 * shared, 0.0)
