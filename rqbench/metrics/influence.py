"""From how much each picture moves a score, to how far chance moves it.

A score of a set is nearly its true value plus the mean of one number a picture, its influence. So
the influences' spread is the score's, without measuring again; those of pictures that two scores
share are taken from each other one by one, and only what is left moves the difference.

Axes: n pictures of one set.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from jaxtyping import Bool, Float
from numpy.typing import NDArray
from torch import Tensor

from rqbench.statistics import UNKNOWN, ErrorBar, combined_error

Clusters = Sequence[str] | NDArray[Any] | None
"""The photograph of each picture; None where each stands for itself."""

_SEED = 2020


@dataclass(frozen=True)
class Halved:
    """Influences by half of the pictures.

    Attributes:
        values: Float[n], each picture's by the half that it belongs to.
        is_first: Bool[n], which half that is.
    """

    values: Tensor
    is_first: Tensor


@dataclass(frozen=True)
class Influence:
    """How much each picture of one set moves a score.

    Near no distance at all a score has no first-order part: what moves it are pairs of pictures. A
    pair counts in the influences of both, so that the variance of pairs counts twice, and four
    times as much again from half the pictures. The two spreads together tell the parts apart.

    Attributes:
        values: Float[n], by all pictures.
        halved: by half of them; None where half are too few, which leaves the error on the wide
            side, or where pairs play no part.
    """

    values: Tensor
    halved: Halved | None = None

    def __len__(self) -> int:
        return len(self.values)

    def __add__(self, other: "Influence") -> "Influence":
        """On a score that both move: pictures and their own reconstructions, in one order."""
        return self._combine(other, 1.0)

    def __sub__(self, other: "Influence") -> "Influence":
        """On the difference of two scores of the same pictures."""
        return self._combine(other, -1.0)

    def error(self, clusters: Clusters = None) -> ErrorBar:
        """What these pictures' chance adds to the score's standard error.

        Args:
            clusters: the photograph of each picture; None where each stands for itself.
        """
        spread, count = _spread(self.values, clusters)
        if count < 2 or not math.isfinite(spread):
            return UNKNOWN
        if self.halved is not None:
            halved = _halved_spread(self.halved, clusters)
            # First-order part a, part of pairs b: spread = a + 2 b, halved = a + 4 b
            spread = min(max((3 * spread - halved) / 2, spread / 2), spread)
        return ErrorBar(spread**0.5 / len(self), count - 1.0)

    def _combine(self, other: "Influence", sign: float) -> "Influence":
        if len(self) != len(other):
            raise ValueError(
                f"Influences of {len(self)} and of {len(other)} pictures do not pair. "
                "Measure both scores on the same pictures."
            )
        values = self.values + sign * other.values
        if self.halved is None or other.halved is None:
            return Influence(values)
        if not torch.equal(self.halved.is_first, other.halved.is_first):
            raise ValueError(
                "The pictures were halved in two ways. Give both scores the same clusters."
            )
        halved = self.halved.values + sign * other.halved.values
        return Influence(values, Halved(halved, self.halved.is_first))


@dataclass(frozen=True)
class Measured:
    """A score and how much each picture moves it.

    Attributes:
        value: the score; where it is a Fréchet distance, the corrected one.
        reference: of the reference's pictures; None of one that stands fixed.
        candidate: of the system's pictures.
    """

    value: float
    reference: Influence | None
    candidate: Influence


def total_error(sets: Sequence[tuple[Influence, Clusters]]) -> ErrorBar:
    """The standard error of a score that several independent sets of pictures move."""
    return combined_error([influence.error(clusters) for influence, clusters in sets])


def is_first_half(n: int, clusters: Clusters = None) -> Bool[Tensor, " n"]:
    """A random half of the pictures, of whole clusters; the same one for the same names."""
    names = np.arange(n) if clusters is None else np.unique(clusters, return_inverse=True)[1]
    count = int(names.max()) + 1
    is_first = np.random.default_rng(_SEED).permutation(count) < count / 2
    return torch.from_numpy(is_first[names])


def _spread(values: Float[Tensor, " n"], clusters: Clusters) -> tuple[float, int]:
    """Sum over clusters of the square of their centred sum, corrected for few; their number."""
    sums = values - values.mean()
    if clusters is not None:
        places = torch.from_numpy(np.unique(clusters, return_inverse=True)[1]).to(values.device)
        sums = sums.new_zeros(int(places.max()) + 1).index_add_(0, places, sums)
    count = len(sums)
    return float(sums.square().sum()) * count / max(count - 1, 1), count


def _halved_spread(halved: Halved, clusters: Clusters) -> float:
    """Sum of the spreads of both halves, each centred on its own."""
    total = 0.0
    for kept in (halved.is_first, ~halved.is_first):
        names = None if clusters is None else np.asarray(clusters)[kept.cpu().numpy()]
        total += _spread(halved.values[kept], names)[0]
    return total
