"""Count, mean and covariance of features, gathered block by block."""

import torch
from jaxtyping import Float
from torch import Tensor

_ROWS = 1024  # rows that are in double precision at once


class Moments:
    """The mean and covariance of all features that were added, in double precision.

    Each block is centred on its own mean before its squares are summed, so that features far from
    zero lose no digits.

    Attributes:
        n: how many there were; None where only a mean and a covariance are known.
        mean: Float[d].

    Source: Chan, Golub and LeVeque 1983, The American Statistician 37(3), for joining two parts.
    """

    def __init__(self, dim: int, device: torch.device | str = "cpu") -> None:
        self.n: int | None = 0
        self.mean = torch.zeros(dim, dtype=torch.float64, device=device)
        self._scatter = torch.zeros(dim, dim, dtype=torch.float64, device=device)

    @classmethod
    def of(cls, features: Float[Tensor, "n d"]) -> "Moments":
        """Those of one set."""
        moments = cls(features.shape[1], features.device)
        moments.add(features)
        return moments

    @classmethod
    def given(
        cls, mean: Float[Tensor, " d"], covariance: Float[Tensor, "d d"], n: int | None = None
    ) -> "Moments":
        """Those that a file of statistics holds, which seldom says of how many images."""
        moments = cls(len(mean), mean.device)
        moments.n, moments.mean = n, mean.double()
        moments._scatter = covariance.double() * (1 if n is None else n - 1)
        return moments

    @property
    def covariance(self) -> Float[Tensor, "d d"]:
        """The unbiased one, of at least two points."""
        return self._scatter if self.n is None else self._scatter / (self.n - 1)

    def add(self, block: Float[Tensor, "n d"]) -> None:
        """Take in any number of features."""
        for rows in torch.split(block, _ROWS):
            points = rows.double()
            if len(points):
                mean = points.mean(dim=0)
                points = points - mean
                self._join(len(points), mean, points.T @ points)

    def merge(self, other: "Moments") -> None:
        """Take in all that another has gathered."""
        if other.n is None:
            raise ValueError(
                "Statistics without a count cannot be merged: their weight is unknown. "
                "Give the number of images with them."
            )
        if other.n:
            self._join(other.n, other.mean, other._scatter)

    def _join(self, count: int, mean: Tensor, scatter: Tensor) -> None:
        if self.n is None:
            raise ValueError(
                "Statistics without a count cannot grow: their weight is unknown. "
                "Give the number of images with them."
            )
        total, difference = self.n + count, mean - self.mean
        weight = self.n * count / total
        self._scatter = self._scatter + scatter + weight * torch.outer(difference, difference)
        self.mean = self.mean + difference * (count / total)
        self.n = total
