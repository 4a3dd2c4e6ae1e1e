"""Precision, recall, density and coverage: whose nearest neighbours hold which pictures.

A ball around each picture reaches to its k-th nearest neighbour of its own set. One pass over the
distances gives all four scores, and all four again without each of g groups of pictures: the k
nearest of every group are kept of each picture, so that its ball without a group is looked up.

Sources: Kynkäänniemi et al. 2019, arXiv:1904.06991, for precision and recall; Naeem et al. 2020,
arXiv:2002.09797, for density and coverage.

Axes: n pictures of the reference, m candidates, t = g + 1 selections: all, and without each group.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from jaxtyping import Float, Int
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional as F

from rqbench.errors import DataError
from rqbench.resampling import jackknife_error
from rqbench.statistics import ErrorBar

from .influence import Clusters

_GROUPS = 16
_SEED = 2020
_VALUES = 2**23  # distances held at once, 64 MiB
_EDGE = 1e-12  # of a squared distance: what rounding does to it


@dataclass(frozen=True)
class NeighbourScore:
    """One score, with what it becomes without each group of pictures.

    Attributes:
        value: of all pictures.
        replicates: without each group, in the groups' order.
    """

    value: float
    replicates: list[float]

    @property
    def error(self) -> ErrorBar:
        """By the jackknife, 1.1 to 2 times the true one: what pictures do together counts more than
        once in it. That of a difference comes from the differences of replicates."""
        return jackknife_error(self.replicates)


@dataclass(frozen=True)
class NeighbourScores:
    """All four.

    Attributes:
        precision: share of candidates inside any ball of the reference.
        recall: share of the reference inside any ball of the candidates.
        density: balls of the reference that hold a candidate, over k; above 1 where they crowd.
        coverage: share of the reference's balls that hold any candidate.
    """

    precision: NeighbourScore
    recall: NeighbourScore
    density: NeighbourScore
    coverage: NeighbourScore


def neighbour_scores(
    reference: Float[Tensor, "n d"],
    candidate: Float[Tensor, "m d"],
    neighbours: int,
    reference_clusters: Clusters = None,
    candidate_clusters: Clusters = None,
) -> NeighbourScores:
    """The four scores with their errors, by Euclidean distance; a ball's edge belongs to it.

    Args:
        reference, candidate: features.
        neighbours: k, of which the picture itself is none; 3 as published for precision and recall,
            5 for density and coverage.
        reference_clusters, candidate_clusters: the photograph of each picture, of which whole ones
            are left out; of the same names the same ones on both sides. None for random groups.

    Raises:
        DataError: fewer pictures than a ball needs, once a group is left out.
    """
    names = [
        np.arange(len(features)) if clusters is None else np.asarray(clusters)
        for features, clusters in ((reference, reference_clusters), (candidate, candidate_clusters))
    ]
    count = min(_GROUPS, *(len(np.unique(labels)) for labels in names))
    ours, theirs = (
        _balls(features, _groups(labels, count), neighbours)
        for features, labels in zip((reference, candidate), names, strict=True)
    )
    held = _held(ours, theirs)
    return NeighbourScores(
        precision=_score(held.candidates / theirs.counts),
        recall=_score(held.recalled / ours.counts),
        density=_score(held.pairs / neighbours / theirs.counts),
        coverage=_score(held.covered / ours.counts),
    )


@dataclass(frozen=True)
class _Balls:
    """One set in the order of its groups.

    Attributes:
        features: Float[n d], double precision.
        groups: Int[n], of each picture, ascending.
        radii: Float[t n], squared; below zero where the selection leaves the picture out.
    """

    features: Tensor
    groups: Tensor
    radii: Tensor

    @property
    def counts(self) -> Float[Tensor, " t"]:
        """Pictures in each selection."""
        return (self.radii >= 0).sum(dim=1).double()


def _groups(names: NDArray[Any], count: int) -> Int[Tensor, " n"]:
    """A group of each picture, from 0; whole clusters in random groups of nearly equal number."""
    labels, members = np.unique(names, return_inverse=True)
    order = np.random.default_rng(_SEED).permutation(len(labels)) % count
    return torch.from_numpy(order[members])


def _balls(features: Float[Tensor, "n d"], groups: Int[Tensor, " n"], neighbours: int) -> _Balls:
    groups, order = groups.sort(stable=True)
    if len(groups) - int(groups.bincount().max()) <= neighbours:
        raise DataError(
            f"{len(groups)} pictures are too few for balls of {neighbours} neighbours once one of "
            f"{int(groups.max()) + 1} groups is left out. Measure more pictures or photographs, or "
            "ask for fewer neighbours."
        )
    groups, points = groups.to(features.device), features[order].double()
    blocks = _blocks(torch.arange(len(points), device=points.device), len(points))
    radii = torch.cat([_radii(block, points, groups, neighbours) for block in blocks], dim=1)
    # As far as rounding reaches, so that a copy on the edge is inside
    radii = radii * (1 + _EDGE) + _EDGE * points.square().sum(dim=1).max()
    radii[groups + 1, torch.arange(len(points), device=points.device)] = -1
    return _Balls(points, groups, radii)


def _radii(
    rows: Int[Tensor, " b"],
    points: Float[Tensor, "n d"],
    groups: Int[Tensor, " n"],
    neighbours: int,
) -> Float[Tensor, "t b"]:
    """Squared distances to the k-th neighbour among all, and without each group."""
    distances = _squared_distances(points[rows], points)
    distances.scatter_(1, rows[:, None], torch.inf)  # none is its own neighbour
    nearest = []
    for part in torch.split(distances, groups.bincount().tolist(), dim=1):
        missing = max(neighbours - part.shape[1], 0)
        padded = F.pad(part, (0, missing), value=torch.inf)
        nearest.append(padded.topk(neighbours, largest=False).values)
    without = [nearest[:place] + nearest[place + 1 :] for place in range(len(nearest))]
    kept = [torch.cat(parts, dim=1) for parts in (nearest, *without)]
    return torch.stack([part.kthvalue(neighbours, dim=1).values for part in kept])


@dataclass(frozen=True)
class _Held:
    """Counts of each selection, Float[t].

    Attributes:
        candidates: candidates inside any ball of the reference.
        pairs: of a candidate and a ball that holds it.
        recalled: reference pictures inside any ball of the candidates.
        covered: balls of the reference that hold any candidate.
    """

    candidates: Tensor
    pairs: Tensor
    recalled: Tensor
    covered: Tensor


def _held(ours: _Balls, theirs: _Balls) -> _Held:
    """One pass over the distances of all candidates from the reference."""
    candidates, pairs = torch.zeros_like(theirs.counts), torch.zeros_like(theirs.counts)
    recalled = torch.zeros_like(ours.radii, dtype=torch.bool)
    covered = torch.zeros_like(recalled)
    for block in _blocks(torch.arange(len(theirs.features)), len(ours.features)):
        distances = _squared_distances(theirs.features[block], ours.features)
        for place in range(len(ours.radii)):
            radii = theirs.radii[place, block]
            kept = radii >= 0  # candidates of this selection
            inside = (distances <= ours.radii[place]) & kept[:, None]
            balls = inside.sum(dim=1)
            candidates[place] += (balls > 0).sum()
            pairs[place] += balls.sum()
            covered[place] |= inside.any(dim=0)
            recalled[place] |= (distances <= radii[:, None]).any(dim=0)
    recalled &= ours.radii >= 0
    return _Held(candidates, pairs, recalled.sum(dim=1), covered.sum(dim=1))


def _squared_distances(a: Float[Tensor, "b d"], b: Float[Tensor, "n d"]) -> Float[Tensor, "b n"]:
    squares = a.square().sum(dim=1)[:, None] + b.square().sum(dim=1)
    return (squares - 2 * a @ b.T).clamp(min=0)


def _blocks(rows: Int[Tensor, " n"], width: int) -> tuple[Tensor, ...]:
    return torch.split(rows, max(1, _VALUES // width))


def _score(values: Float[Tensor, " t"]) -> NeighbourScore:
    value, *replicates = values.tolist()
    return NeighbourScore(value, replicates)
