"""Precision, recall, density and coverage: what of one set lies among the neighbours of another.

Precision is the share of candidates that lie in the ball of any reference picture, which reaches to
its k-th nearest other reference picture; recall the same with the sets exchanged. Density counts
the balls around a candidate, divided by k; coverage is the share of reference balls with a
candidate inside. Those two leave out a ball's surface, as their authors' program does, so that a
set without duplicates has the density 1 against itself; precision and recall count it, as their
paper says and torch-fidelity does.

Sources: Kynkäänniemi et al. 2019, arXiv:1904.06991; Naeem et al. 2020, arXiv:2002.09797.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from jaxtyping import Float, Int
from torch import Tensor

from rqbench.errors import DataError
from rqbench.resampling import LeftOut
from rqbench.statistics import ErrorBar, combined_error

from .balls import count_around, nearest_without
from .cloud import Cloud, blocks, cloud, exclude_own, rough_squares
from .groups import left_together
from .neighbour_error import OfPictures, corrected_error

NEIGHBOUR_SCORES = ("precision", "recall", "density", "coverage")


@dataclass(frozen=True)
class NeighbourScore:
    """One of the four scores, and what it becomes without some of the pictures.

    Attributes:
        value: of all pictures.
        left_out: by the set that loses a group: "reference" and "candidate", or "both" of pairs.
        errors: what the chance of each of these sets adds, by `corrected_error`.
    """

    value: float
    left_out: dict[str, LeftOut]
    errors: dict[str, ErrorBar]

    @property
    def error(self) -> ErrorBar:
        """How far chance moves the score; unknown where no group can be left out."""
        return combined_error(list(self.errors.values()))


@dataclass(frozen=True)
class _Around:
    """What was found around each picture; columns leave out nothing, then each group of a set.

    Attributes:
        radii: Float[n g], squared, of reference balls.
        nearest: Float[n h], squared distance from a reference picture to the nearest candidate.
        closed, open_: Float[m g], reference balls around a candidate, with surface and without.
        found: Float[n h], candidate balls around a reference picture, with surface.
        kept_reference, kept_candidate: Bool[n g], Bool[m h], which pictures are left.
    """

    radii: Tensor
    nearest: Tensor
    closed: Tensor
    open_: Tensor
    found: Tensor
    kept_reference: Tensor
    kept_candidate: Tensor

    def of_pictures(self, k: int, g: list[int], h: list[int]) -> list[OfPictures]:
        """The four, of each picture, with these columns of reference and candidates in turn."""
        reference, candidate = self.kept_reference[:, g], self.kept_candidate[:, h]
        return [
            OfPictures((self.closed[:, g] > 0).double(), candidate),
            OfPictures((self.found[:, h] > 0).double(), reference),
            OfPictures(self.open_[:, g].double() / k, candidate),
            OfPictures((self.nearest[:, h] < self.radii[:, g]).double(), reference),
        ]


def neighbour_scores(
    reference: Float[Tensor, "n d"],
    candidate: Float[Tensor, "m d"],
    k: int,
    reference_groups: Sequence[str] | None = None,
    candidate_groups: Sequence[str] | None = None,
    is_paired: bool = False,
) -> dict[str, NeighbourScore]:
    """The four scores by name, each with its error, in one pass over all distances.

    The error is a jackknife over groups of each set, corrected by `corrected_error`; radii and
    memberships are counted without each group as the pass goes by. Memory beside the features: a
    copy of both in single precision, and blocks of some 100 MiB whatever the number of pictures.

    Args:
        reference, candidate: features, on one device.
        k: neighbours that a ball reaches to, 3 as published for precision, 5 for density.
        reference_groups, candidate_groups: the photograph of each picture, of which more than 32
            are left out in bundles; None where each picture stands for itself: 16 random blocks.
        is_paired: candidates are reconstructions of the reference, in the same order. One group is
            left out of both at once, and `reference_groups` are the groups of both.

    Raises:
        DataError: no more than k pictures, features that are not finite, or pairs that do not
            match.
    """
    _check(reference, candidate, k, is_paired)
    of_reference = left_together(len(reference), reference_groups, k + 1)
    of_candidate = of_reference
    if not is_paired:
        of_candidate = left_together(len(candidate), candidate_groups, k + 1)
    centre = reference.mean(dim=0)
    with torch.no_grad():
        around = _around(
            cloud(reference, _numbers(of_reference), centre),
            cloud(candidate, _numbers(of_candidate), centre),
            k,
        )
    sides = {"both": (of_reference, (1, 1))}
    if not is_paired:
        sides = {"reference": (of_reference, (1, 0)), "candidate": (of_candidate, (0, 1))}
    wholes = around.of_pictures(k, [0], [0])
    left = {side: _left_out(around, k, *loss) for side, loss in sides.items()}
    return {
        name: _score(whole, {side: (names, found[place]) for side, (names, found) in left.items()})
        for place, (name, whole) in enumerate(zip(NEIGHBOUR_SCORES, wholes, strict=True))
    }


def _score(whole: OfPictures, left: dict[str, tuple[list[str], OfPictures]]) -> NeighbourScore:
    """From the score of each picture: without any loss, and by the set that loses groups."""
    value, values = whole.means()[0], whole.values[:, 0]
    return NeighbourScore(
        value,
        {side: LeftOut(value, found.means(), names) for side, (names, found) in left.items()},
        {
            side: corrected_error(values, found.values, found.kept)
            for side, (_, found) in left.items()
        },
    )


def _left_out(
    around: _Around, k: int, labels: list[str], loses: tuple[int, int]
) -> tuple[list[str], list[OfPictures]]:
    """Groups, and the four scores without each, lost by reference, candidates or both."""
    names = sorted(set(labels))
    if len(names) == 1:  # which would leave nothing
        names = []
    columns = range(1, len(names) + 1)
    g, h = ([column * loss for column in columns] for loss in loses)
    return names, around.of_pictures(k, g, h)


def _around(reference: Cloud, candidate: Cloud, k: int) -> _Around:
    """The pass: distances within each set for the radii, then those between the sets."""
    radii, candidate_radii = _radii(reference, k), _radii(candidate, k)
    closed = torch.zeros(len(candidate), radii.shape[1], device=radii.device)
    open_, nearest, found = torch.zeros_like(closed), [], []
    for part in blocks(reference, candidate):
        rows = reference[part]
        squares = rough_squares(rows, candidate)
        nearest.append(nearest_without(squares, rows, candidate, 1))
        found.append(count_around(squares.T, candidate, rows, candidate_radii)[0])
        around = count_around(squares, rows, candidate, radii[part])
        closed += around[0]
        open_ += around[1]
    return _Around(
        radii, torch.cat(nearest), closed, open_, torch.cat(found), reference.kept, candidate.kept
    )


def _radii(points: Cloud, k: int) -> Float[Tensor, "n g"]:
    """Squared distance of each point to its k-th nearest other one."""
    found = []
    for part in blocks(points, points):
        squares = rough_squares(points[part], points)
        exclude_own(squares, part)
        found.append(nearest_without(squares, points[part], points, k))
    return torch.cat(found)


def _numbers(labels: list[str]) -> Int[Tensor, " n"]:
    return torch.from_numpy(np.unique(labels, return_inverse=True)[1])


def _check(reference: Tensor, candidate: Tensor, k: int, is_paired: bool) -> None:
    fewest = min(len(reference), len(candidate))
    if fewest <= k:
        raise DataError(
            f"{len(candidate)} pictures against {len(reference)} have no {k} neighbours each. "
            f"Measure more than {k} on each side, or ask for fewer neighbours."
        )
    if is_paired and len(reference) != len(candidate):
        raise DataError(
            f"{len(candidate)} reconstructions do not pair with {len(reference)} originals. "
            "Measure both on the same images."
        )
    if not (reference.isfinite().all() and candidate.isfinite().all()):
        raise DataError(
            "Some features are not finite, so they are near to nothing. Look for pictures that the "
            "extractor cannot take, or for half precision in it."
        )
