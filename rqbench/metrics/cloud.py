"""Points with their groups, and all squared distances between two sets of them, in blocks.

A product of matrices gives every distance at once but, being a difference of large numbers, cannot
tell a copy from a near copy. So products only find the pairs that matter, and the distances that
decide are taken again, coordinate by coordinate.

Axes: a, b points; d features; g what is left out: nothing, then each group; p pairs.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass

import torch
from jaxtyping import Float, Int
from torch import Tensor

_VALUES = 2**23  # distances held at once, 32 MiB
_ROWS = 1024
_PAIR_VALUES = 2**21  # coordinates of pairs held at once in double precision, 16 MiB
_ROUNDINGS = 4.0  # by so many times the usual error of a product may it err


@dataclass(frozen=True)
class Cloud:
    """Some points of a set, in order of their groups.

    Attributes:
        points: Float[n d], all of the set in the order given, mapped from a file perhaps.
        places: Int[a], of these among them.
        centred: Float[a d], single precision, less a centre that all clouds share.
        squares: Float[a], squared lengths of the centred points.
        groups: Int[a], counted from 0.
        kept: Bool[a g], which points are left when no group is left out, and when each is.
    """

    points: Tensor
    places: Tensor
    centred: Tensor
    squares: Tensor
    groups: Tensor
    kept: Tensor

    def __len__(self) -> int:
        return len(self.places)

    def __getitem__(self, part: slice) -> "Cloud":
        return Cloud(
            self.points, self.places[part], self.centred[part], self.squares[part],
            self.groups[part], self.kept[part],
        )  # fmt: skip

    def at(self, which: Int[Tensor, " p"]) -> Float[Tensor, "p d"]:
        """Some of these points, as given."""
        return self.points[self.places[which]]


def cloud(
    points: Float[Tensor, "a d"], groups: Int[Tensor, " a"], centre: Float[Tensor, " d"]
) -> Cloud:
    """All points of a set, sorted by group."""
    places = groups.argsort(stable=True).to(points.device)
    groups = groups.to(points.device)[places]
    centred = torch.empty(points.shape, dtype=torch.float32, device=points.device)
    squares = centred.new_empty(len(points))
    for start in range(0, len(points), _ROWS):  # no second copy of all of them
        part = slice(start, start + _ROWS)
        centred[part] = points[places[part]] - centre
        squares[part] = centred[part].square().sum(dim=1)
    others = torch.nn.functional.one_hot(groups) == 0
    kept = torch.cat([torch.ones_like(others[:, :1]), others], dim=1)
    return Cloud(points, places, centred, squares, groups, kept)


def blocks(first: Cloud, second: Cloud) -> Iterator[slice]:
    """Rows of the first cloud whose distances to all of the second fit in memory."""
    rows = max(1, min(_ROWS, _VALUES // len(second)))
    for start in range(0, len(first), rows):
        yield slice(start, start + rows)


def rough_squares(first: Cloud, second: Cloud) -> Float[Tensor, "a b"]:
    """Squared distances, up to `rounding` unless products may be rounded to TF32."""
    products = torch.addmm(second.squares, first.centred, second.centred.T, alpha=-2)
    products += first.squares[:, None]
    return products


def rounding(first: Cloud, second: Cloud) -> Float[Tensor, " a"]:
    """How far the rough squared distances of each first point may be from the true ones."""
    unit = torch.finfo(torch.float32).eps * math.sqrt(first.centred.shape[1])
    return _ROUNDINGS * unit * (first.squares + second.squares.max())


def exact_squares(
    first: Cloud, i: Int[Tensor, " p"], second: Cloud, j: Int[Tensor, " p"]
) -> Float[Tensor, " p"]:
    """Squared distances of these pairs, correctly rounded to single precision; 0 of equal points.

    The rounding makes equal distances equal, in whatever order coordinates were added up.
    """
    size = max(1, _PAIR_VALUES // first.centred.shape[1])
    parts = [
        (first.at(a).double() - second.at(b).double()).square().sum(dim=1).float()
        for a, b in zip(torch.split(i, size), torch.split(j, size), strict=True)
    ]
    return torch.cat(parts)


def exclude_own(squares: Float[Tensor, "a b"], part: slice) -> None:
    """Put each of these points infinitely far from itself, in distances to its whole cloud."""
    squares.diagonal(part.start).fill_(torch.inf)
