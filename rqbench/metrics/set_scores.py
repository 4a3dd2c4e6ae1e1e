"""The scores of a set of pictures against a reference, each with what chance does to it.

Influences of single pictures tell the error where they can be had: they take one measurement.
Where they cannot, groups of pictures are left out in turn. Crops of one photograph count together.

Axes: n pictures of the reference, m candidates, d features, v logits.
"""

from dataclasses import dataclass, replace

import numpy as np
from jaxtyping import Float
from numpy.typing import NDArray
from torch import Tensor

from rqbench.resampling import leave_out

from .frechet import Gaussian, fitted, frechet_distance
from .frechet_score import frechet_score
from .frechet_without import distances_without
from .groups import left_together
from .inception_score import inception_influence, inception_score
from .influence import Clusters, Influence, Measured
from .kernel_influence import kernel_influences
from .kernel_subsets import kernel_distance
from .neighbours import neighbour_scores
from .rated import Rated

_ENOUGH_PARTS = 5  # whose spread tells the error
_ENOUGH_A_FEATURE = 4  # pictures; at 2.1 the correction was seen to take off too much
_CROPS = "no corrected distance: the correction takes pictures for independent, and crops are not"


@dataclass(frozen=True)
class Matched:
    """How the pictures of two sets hang together.

    Attributes:
        reference, candidate: the photograph of each picture; None where each stands for itself. Of
            pairs they are the same.
        is_paired: candidates are reconstructions of the reference's pictures, in the same order.
        is_fixed: the reference's own chance is left out of errors, for systems that all meet it.
    """

    reference: Clusters = None
    candidate: Clusters = None
    is_paired: bool = False
    is_fixed: bool = False

    def __post_init__(self) -> None:
        assert not self.is_paired or self.reference == self.candidate

    @property
    def has_crops(self) -> bool:
        """Whether several pictures are of one photograph, as far as is known."""
        return any(len(set(each)) < len(each) for each in (self.reference, self.candidate) if each)

    def measured(self, value: float, reference: Influence | None, candidate: Influence) -> Measured:
        """A score with the influences that count."""
        return Measured(value, None if self.is_fixed else reference, candidate, self.is_paired)


def rate_frechet(
    reference: Float[Tensor, "n d"] | Gaussian, candidate: Float[Tensor, "m d"], matched: Matched
) -> list[Rated]:
    """The plain distance, and the corrected one; of both what moves the corrected one.

    The correction takes all pictures for independent, so that there is none of pairs, and none of
    crops: of equal distributions it left 2.7 errors, with 20 photographs of 10 crops a side.
    """
    found = frechet_score(reference, candidate, matched.reference, matched.candidate)
    corrected, note = found.corrected, found.corrected.note
    if found.candidate is None or corrected.value is None:
        return [_left_out(reference, candidate, matched, found.plain, note)]
    moved = matched.measured(found.plain, found.reference, found.candidate)
    plain = Rated("fid", found.plain, moved=moved, note=note)
    if matched.is_paired:
        return [plain]
    if matched.has_crops:
        return [replace(plain, note=_CROPS)]
    moved, each = replace(moved, value=corrected.value), len(candidate) / candidate.shape[1]
    if not isinstance(reference, Gaussian):
        each = min(each, len(reference) / candidate.shape[1])
    if each < _ENOUGH_A_FEATURE:
        note = (
            f"with {each:.1f} pictures a feature the corrected distance of real features may be "
            "two standard errors too low"
        )
    return [plain, Rated("fid_corrected", corrected.value, moved=moved, note=note)]


def _left_out(
    reference: Float[Tensor, "n d"] | Gaussian,
    candidate: Float[Tensor, "m d"],
    matched: Matched,
    plain: float,
    note: str,
) -> Rated:
    """Of fewer pictures than features, where influences are mostly chance."""
    groups = left_together(len(candidate), matched.candidate)
    if isinstance(reference, Gaussian):
        found = {"candidate": distances_without(candidate, reference, groups)}
        return Rated("fid", plain, left_out=found, note=note)
    if matched.is_paired:

        def distance(kept: NDArray[np.intp]) -> float:
            return frechet_distance(fitted(candidate, kept), fitted(reference, kept))

        return Rated("fid", plain, left_out={"both": leave_out(distance, groups)}, note=note)
    found = {}
    if not matched.is_fixed:
        of_reference = left_together(len(reference), matched.reference)
        found["reference"] = distances_without(reference, fitted(candidate), of_reference)
    found["candidate"] = distances_without(candidate, fitted(reference), groups)
    return Rated("fid", plain, left_out=found, note=note)


def rate_kernel(
    reference: Float[Tensor, "n d"],
    candidate: Float[Tensor, "m d"],
    matched: Matched,
    subsets: int = 100,
    subset_size: int = 1000,
    seed: int = 2020,
) -> Rated:
    """The value is the mean over subsets, the error that of all pictures' estimate."""
    found = kernel_distance(candidate, reference, subsets, subset_size, seed)
    ours, theirs = kernel_influences(candidate, reference, matched.candidate, matched.reference)
    note = (
        f"KID's subsets are of {found.subset_size:,} pictures and not of the protocol's "
        f"{subset_size:,}, of which there are too few"
        if found.subset_size < subset_size
        else ""
    )
    settings = {"subsets": found.subsets, "subset_size": found.subset_size}
    moved = matched.measured(found.value, theirs, ours)
    return Rated("kid", found.value, settings, moved, note=note)


def rate_inception(
    logits: Float[Tensor, "m v"],
    matched: Matched,
    splits: int = 10,
    split_size: int | None = None,
    seed: int | None = 2020,
) -> Rated:
    """The value is the mean over parts, the error their spread; of few parts, or of crops whose
    photographs lie in several, what single pictures do."""
    found = inception_score(logits, splits, split_size, seed)
    rated = Rated("inception_score", found.value, {"splits": found.splits})
    if matched.candidate is None and found.splits >= _ENOUGH_PARTS:
        side = "both" if matched.is_paired else "candidate"
        return replace(rated, left_out={side: found.left_out})
    influence = inception_influence(logits, found, matched.candidate)
    return replace(rated, moved=matched.measured(found.value, None, influence))


def rate_neighbours(
    reference: Float[Tensor, "n d"], candidate: Float[Tensor, "m d"], matched: Matched, k: int
) -> list[Rated]:
    """Precision, recall, density and coverage; none where a set has no more than k pictures."""
    if min(len(reference), len(candidate)) <= k:
        return []
    scores = neighbour_scores(
        reference, candidate, k, matched.reference, matched.candidate, matched.is_paired
    )
    rated = []
    for score, found in scores.items():
        sides = [side for side in found.errors if side != "reference" or not matched.is_fixed]
        left = {side: found.left_out[side] for side in sides}
        chances = {side: found.errors[side] for side in sides}
        rated.append(Rated(score, found.value, {"neighbours": k}, None, left, chances))
    return rated
