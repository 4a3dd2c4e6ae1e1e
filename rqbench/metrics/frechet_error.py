"""How much each picture moves a Fréchet distance.

The distance changes with a point x of the first set as the transport T from its normal distribution
to the second's does: by (x - m1)^T (I - T)(x - m1) + 2 (m1 - m2)^T (x - m1), up to a constant.
So one decomposition gives the influences of all points, and no set is measured twice.

Source: the gradient of the distance is I - T (Olkin and Pukelsheim 1982, Linear Algebra and its
Applications 48, for T); influence functions: Hampel 1974, JASA 69(346).
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import torch
from jaxtyping import Float
from torch import Tensor

from .frechet import Gaussian, gaussian_of
from .influence import Clusters, Halved, Influence, is_first_half
from .moments import Moments

_ROWS = 1024  # features that are in double precision at once


@dataclass(frozen=True)
class Transport:
    """The straight map from one normal distribution to another.

    Attributes:
        mean: Float[d], of the first.
        shift: Float[d], from the second's mean to the first's.
        factor: Float[d r]; its product with its own transpose is the map's matrix.
        shared: Float[r], singular values of the roots' product, by the columns of the factor.
    """

    mean: Tensor
    shift: Tensor
    factor: Tensor
    shared: Tensor


def transports(first: Gaussian, second: Gaussian) -> tuple[Transport, Transport]:
    """There and back, between distributions from `gaussian_of`, whose roots' rows are orthogonal.

    With roots A and B, and U S V^T the decomposition of A B^T, the matrices are A^+ U S U^T A^+T
    and B^+ V S V^T B^+T. Directions that the two do not share are left out.
    """
    product = first.root @ second.root.T
    squares, left = torch.linalg.eigh(product @ product.T)
    kept = squares > squares[-1] * len(squares) * torch.finfo(torch.float64).eps
    roots, left = squares[kept].pow(0.25), left[:, kept]  # of the singular values
    right = product.T @ left / roots.square()
    shift, shared = first.mean - second.mean, roots.square()
    return (
        Transport(first.mean, shift, _inverse(first.root) @ (left * roots), shared),
        Transport(second.mean, -shift, _inverse(second.root) @ (right * roots), shared),
    )


def frechet_influences(
    first: Float[Tensor, "n d"],
    second: Float[Tensor, "m d"],
    first_clusters: Clusters = None,
    second_clusters: Clusters = None,
) -> tuple[Influence, Influence] | None:
    """How much each picture of two sets moves their distance, plain or corrected.

    Args:
        first, second: features.
        first_clusters, second_clusters: as `Influence` has them.

    Returns:
        None where a set has no more pictures than features: its map is mostly chance. Leave groups
        out there (`rqbench.resampling`).
    """
    ours, theirs = _Sides.of(first, first_clusters), _Sides.of(second, second_clusters)
    if ours.whole.has_too_few or theirs.whole.has_too_few:
        return None
    halves = zip(ours.halves, theirs.halves, strict=False)  # none where one set has none
    sides = [(ours.whole, theirs.whole), *halves]
    there, back = zip(*(transports(*pair) for pair in sides), strict=True)
    return _influence(first, ours, there), _influence(second, theirs, back)


def frechet_influence(
    features: Float[Tensor, "n d"], fixed: Gaussian, clusters: Clusters = None
) -> Influence | None:
    """How much each picture of one set moves its distance to statistics that stand fixed.

    Args:
        features: of the set.
        fixed: from `gaussian_of`; what chance did to it is not told by these influences.
        clusters: as `Influence` has them.

    Returns:
        None as `frechet_influences`.
    """
    ours = _Sides.of(features, clusters)
    if ours.whole.has_too_few:
        return None
    sides = [ours.whole, *ours.halves]
    return _influence(features, ours, [transports(side, fixed)[0] for side in sides])


@dataclass(frozen=True)
class _Sides:
    """One set as a whole and in two halves; in none where one of them has too few pictures."""

    clusters: Clusters
    is_first: Tensor
    whole: Gaussian
    halves: Sequence[Gaussian]

    @classmethod
    def of(cls, features: Float[Tensor, "n d"], clusters: Clusters) -> "_Sides":
        is_first = is_first_half(len(features), clusters).to(features.device)
        dim, device = features.shape[1], features.device
        parts = Moments(dim, device), Moments(dim, device)
        for rows, firsts in _blocks(features, is_first):
            parts[0].add(rows[firsts])
            parts[1].add(rows[~firsts])
        halves = [gaussian_of(part) for part in parts if part.n and part.n > 1]
        has_halves = len(halves) == 2 and not any(half.has_too_few for half in halves)
        parts[0].merge(parts[1])
        return cls(clusters, is_first, gaussian_of(parts[0]), halves if has_halves else [])


def _influence(
    features: Float[Tensor, "n d"], sides: _Sides, maps: Sequence[Transport]
) -> Influence:
    """By the map of all; and each picture's by the map of its half, where these are given."""
    values, halved = [], []
    for rows, firsts in _blocks(features, sides.is_first):
        values.append(moved(rows, maps[0]))
        if len(maps) > 1:
            halved.append(torch.empty_like(values[-1]))
            halved[-1][firsts] = moved(rows[firsts], maps[1])
            halved[-1][~firsts] = moved(rows[~firsts], maps[2])
    by_halves = Halved(torch.cat(halved), sides.is_first) if halved else None
    return Influence(torch.cat(values), by_halves, sides.clusters)


def _blocks(features: Tensor, is_first: Tensor) -> Iterator[tuple[Tensor, Tensor]]:
    return zip(torch.split(features, _ROWS), torch.split(is_first, _ROWS), strict=True)


def moved(points: Float[Tensor, "n d"], map_: Transport) -> Float[Tensor, " n"]:
    """What the points add to the distance, up to a constant."""
    centred = points.double() - map_.mean
    squares = centred.square().sum(dim=1) - (centred @ map_.factor).square().sum(dim=1)
    return squares + 2 * centred @ map_.shift


def _inverse(root: Float[Tensor, "r d"]) -> Float[Tensor, "d r"]:
    """The pseudo-inverse of a root whose rows are orthogonal."""
    return root.T / root.square().sum(dim=1)
