"""From how much each picture moves a score, to how far chance moves it.

A score of a set is nearly its true value plus the mean of one number a picture, its influence. So
the influences' spread is the score's, without measuring again; those of pictures that two scores
share are taken from each other one by one, and only what is left moves the difference.

Axes: n pictures of one set.
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor

from rqbench.errors import DataError
from rqbench.statistics import UNKNOWN, ErrorBar, combined_error

Clusters = Sequence[str] | None
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
        clusters: the photograph of each picture, of which all are crops that chance moves together.
    """

    values: Tensor
    halved: Halved | None = None
    clusters: Clusters = None

    def __len__(self) -> int:
        return len(self.values)

    @property
    def num_photographs(self) -> int:
        """Of how many photographs the pictures are crops; 0 where each stands for itself."""
        return len(set(self.clusters or ()))

    def __add__(self, other: "Influence") -> "Influence":
        """On a score that both move: pictures and their own reconstructions, in one order."""
        return self._combine(other, 1.0)

    def __sub__(self, other: "Influence") -> "Influence":
        """On the difference of two scores of the same pictures."""
        return self._combine(other, -1.0)

    def error(self) -> ErrorBar:
        """What these pictures' chance adds to the score's standard error; unknown of one
        photograph."""
        members = _members(self.clusters, len(self)).to(self.values.device)
        spread, count = _spread(self.values, members)
        if count < 2 or not math.isfinite(spread):
            return UNKNOWN
        if self.halved is not None:
            halved = _halved_spread(self.halved, members)
            # First-order part a, part of pairs b: spread = a + 2 b, halved = a + 4 b
            spread = min(max((3 * spread - halved) / 2, spread / 2), spread)
        return ErrorBar(spread**0.5 / len(self), count - 1.0)

    def _combine(self, other: "Influence", sign: float) -> "Influence":
        if len(self) != len(other):
            raise ValueError(
                f"Influences of {len(self)} and of {len(other)} pictures do not pair. "
                "Measure both scores on the same pictures."
            )
        if not _are_equal(self.clusters, other.clusters):
            raise DataError(
                "Pictures that pair are said to be crops of other photographs on one side than on "
                "the other. Name the photographs of both alike, or compare them without pairing."
            )
        values = self.values + sign * other.values
        if self.halved is None or other.halved is None:
            return Influence(values, clusters=self.clusters)
        assert torch.equal(self.halved.is_first, other.halved.is_first)  # as the clusters say
        halved = self.halved.values + sign * other.halved.values
        return Influence(values, Halved(halved, self.halved.is_first), self.clusters)


@dataclass(frozen=True)
class Measured:
    """A score and how much each picture moves it.

    Attributes:
        value: the score; where it is a Fréchet distance, the corrected one.
        reference: of the reference's pictures; None of one that stands fixed, or plays no part.
        candidate: of the system's pictures.
        is_paired: candidates are the reference's own pictures, reconstructed, in the same order.
    """

    value: float
    reference: Influence | None
    candidate: Influence
    is_paired: bool = False

    @property
    def independent(self) -> dict[str, Influence]:
        """Of the sets whose chance adds up: "reference" and "candidate", or "both" of pairs."""
        if self.reference is None:
            return {"candidate": self.candidate}
        if self.is_paired:
            return {"both": self.reference + self.candidate}
        return {"reference": self.reference, "candidate": self.candidate}

    @property
    def error(self) -> ErrorBar:
        """The standard error of the score."""
        return total_error(self.independent.values())


def total_error(sets: Iterable[Influence]) -> ErrorBar:
    """The standard error of a score that several independent sets of pictures move."""
    return combined_error([influence.error() for influence in sets])


def is_first_half(n: int, clusters: Clusters = None) -> Bool[Tensor, " n"]:
    """A random half of the pictures, of whole clusters; the same one for the same names."""
    members = _members(clusters, n)
    count = int(members.max()) + 1
    is_first = np.random.default_rng(_SEED).permutation(count) < count / 2
    return torch.from_numpy(is_first)[members]


def _members(clusters: Clusters, n: int) -> Int[Tensor, " n"]:
    """The cluster of each picture by its number, in alphabetical order."""
    if clusters is None:
        return torch.arange(n)
    return torch.from_numpy(np.unique(clusters, return_inverse=True)[1])


def _are_equal(first: Clusters, second: Clusters) -> bool:
    if first is None or second is None:
        return first is second
    return list(first) == list(second)


def _spread(values: Float[Tensor, " n"], members: Int[Tensor, " n"]) -> tuple[float, int]:
    """Sum over clusters of the square of their centred sum, corrected for few; their number."""
    centred = values - values.mean()
    counts = members.bincount()
    sums = centred.new_zeros(len(counts)).index_add_(0, members, centred)
    count = int((counts > 0).sum())  # a half has none of some
    return float(sums.square().sum()) * count / max(count - 1, 1), count


def _halved_spread(halved: Halved, members: Int[Tensor, " n"]) -> float:
    """Sum of the spreads of both halves, each centred on its own."""
    halves = halved.is_first, ~halved.is_first
    return sum(_spread(halved.values[kept], members[kept])[0] for kept in halves)
