"""Nearest neighbours and the balls that reach to them, of all points and without each group.

Axes: a, b points; g what is left out: nothing, then each group; q candidates for the
nearest.
"""

from collections.abc import Iterator

import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor

from .cloud import Cloud, exact_squares, rounding

_SPARE = 3  # nearest points beyond k of a group, since rough distances order them
_PAIRS = 2**16  # pairs compared with all radii of a ball at once


def nearest_without(
    squares: Float[Tensor, "a b"], first: Cloud, second: Cloud, k: int
) -> Float[Tensor, "a g"]:
    """Squared distance from each first point to its k-th nearest second one.

    Of all second points, then of those outside each group. No point is searched for twice: of the
    nearest that are no more than k of any group, 2 k are enough, since whichever group is left out
    takes at most k of them.

    Args:
        squares: rough distances; infinite where a point is not to be counted.
    """
    few = k + _SPARE
    places = _nearest_by_group(squares, second, few)
    rough = squares.gather(1, places)
    best = rough.topk(min(2 * few, rough.shape[1]), largest=False).indices
    rough, places = rough.gather(1, best), places.gather(1, best)
    rows = torch.arange(len(first), device=places.device)[:, None].expand_as(places)
    exact = exact_squares(first, rows.flatten(), second, places.flatten()).view_as(rough)
    exact = exact.masked_fill(rough.isinf(), torch.inf)
    return exact[..., None].masked_fill(~second.kept[places], torch.inf).kthvalue(k, dim=1).values


def _nearest_by_group(squares: Float[Tensor, "a b"], second: Cloud, few: int) -> Int[Tensor, "a q"]:
    """Places of the nearest few second points of each group."""
    found, start = [], 0
    for columns in torch.split(squares, second.groups.bincount().tolist(), dim=1):
        found.append(columns.topk(min(few, columns.shape[1]), largest=False).indices + start)
        start += columns.shape[1]
    return torch.cat(found, dim=1)


def count_around(
    squares: Float[Tensor, "a b"],
    balls: Cloud,
    points: Cloud,
    radii: Float[Tensor, "a g"],
) -> tuple[Float[Tensor, "b g"], Float[Tensor, "b g"]]:
    """How many balls hold each point: of all balls, and of those outside each of their groups.

    Args:
        squares: rough distances from the balls' centres to the points.
        radii: squared, of each ball when nothing and when each group of balls is left out.

    Returns:
        Counts of balls with their surface, and without.
    """
    margin = rounding(balls, points)
    inner = radii[:, 0] - margin
    outer = radii.masked_fill(~balls.kept, 0).amax(dim=1) + margin
    surely = (squares < inner[:, None]).float()
    closed = surely.T @ balls.kept.float()  # whole numbers below 2^24: exact
    open_ = closed.clone()
    at_surface = (squares >= inner[:, None]) & (squares <= outer[:, None])
    for i, j in _pairs(at_surface):
        exact = exact_squares(balls, i, points, j)[:, None]
        closed.index_add_(0, j, ((exact <= radii[i]) & balls.kept[i]).float())
        open_.index_add_(0, j, ((exact < radii[i]) & balls.kept[i]).float())
    return closed, open_


def _pairs(wanted: Bool[Tensor, "a b"]) -> Iterator[tuple[Int[Tensor, " p"], Int[Tensor, " p"]]]:
    """Rows and columns of what is wanted, some rows at a time: nearly all may be."""
    rows = max(1, _PAIRS // wanted.shape[1])
    for start in range(0, len(wanted), rows):
        i, j = wanted[start : start + rows].nonzero(as_tuple=True)
        if len(i):
            yield i + start, j
