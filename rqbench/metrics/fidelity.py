"""How close a set of pictures comes to a reference set, in all scores that `compare` takes.

One pass of the extractor serves them all. Each value is what torch-fidelity gives; the interval
comes from the whole-set estimator with groups left out, whose spread has no random subsets in it.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from rqbench.errors import DataError
from rqbench.metric_names import PictureSet, describe, score_name
from rqbench.resampling import LeftOut, jackknife_error, leave_out

from .first_order import first_order
from .frechet import frechet_distance, gaussian
from .frechet_score import frechet_score
from .groups import bundled, random_blocks
from .inception_score import inception_score
from .kernel import kernel_sums
from .kernel_subsets import kernel_distance
from .neighbours import NEIGHBOUR_SCORES, neighbour_scores

_SPLITS, _IMAGES_PER_SPLIT = 10, 100  # published are 10 splits; fewer images make the score smaller
_NEIGHBOURS = 3  # as published for precision and recall, and torch-fidelity's default


@dataclass(frozen=True)
class Score:
    """One set-level number with what is needed to believe it.

    Attributes:
        metric, value, unit, higher_is_better, n, settings: as in Record; n counts candidates.
        ci95: (low, high), or None where one group leaves nothing to compare.
        ci_method: how the interval was made, or why there is none.
        replicates: the score with each group left out, as the whole-set estimator gives it.
        clusters: the group that each replicate leaves out; None of samples, whose random blocks
            are not those of other samples.
    """

    metric: str
    value: float
    unit: str
    higher_is_better: bool
    ci95: tuple[float, float] | None
    ci_method: str
    n: int
    replicates: list[float] | None = None
    clusters: list[str] | None = None
    settings: dict[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class Features:
    """What an extractor gave for n images: Float[n d] features and Float[n v] logits."""

    features: Tensor
    logits: Tensor

    def __len__(self) -> int:
        return len(self.features)


def fidelity_scores(
    reference: Features, candidate: Features, groups: Sequence[str] | None, extractor_name: str
) -> list[Score]:
    """Fréchet distance, kernel distance and Inception-style score of the candidates.

    Of samples also precision, recall, density and coverage, where each side has more images than
    neighbours are counted; and the Fréchet distance less the bias of few images, where each side
    has more of them than features.

    Args:
        reference: the originals.
        candidate: reconstructions of the same images in the same order, or samples.
        groups: for reconstructions, the photograph of each image: one photograph at a time (of more
            than 32, one of 32 bundles of them) is left out of both sets, and metric names begin
            with "r". None for samples: 16 random blocks
            are left out in turn, and the reference stands fixed.
        extractor_name: of a published Inception it is not part of the names; any other is.

    Raises:
        DataError: fewer than two images, or reconstructions that do not pair with the reference.

    Sources: Heusel et al. 2017, arXiv:1706.08500; Bińkowski et al. 2018, arXiv:1801.01401; Salimans
    et al. 2016, arXiv:1606.03498.
    """
    _check(reference, candidate, groups)
    labels = random_blocks(len(candidate)) if groups is None else bundled(groups)
    sets = _Sets(reference, candidate, labels, groups is not None, extractor_name)
    return [
        _frechet(sets), _kernel(sets), _inception(sets), *_corrected(sets), *_neighbours(sets),
    ]  # fmt: skip


def possible_scores(extractor_name: str, of: PictureSet) -> list[str]:
    """The metrics that `fidelity_scores` has where there are images enough."""
    scores = ["fid", "kid", "inception_score"]
    if of == "samples":
        scores += ["fid_corrected", *NEIGHBOUR_SCORES]
    return [score_name(score, extractor_name, of) for score in scores]


@dataclass(frozen=True)
class _Sets:
    """Two sets, and the group of each candidate (of pairs: of each pair)."""

    reference: Features
    candidate: Features
    labels: list[str]
    is_paired: bool
    extractor_name: str

    def score(self, name: str, value: float, left: LeftOut, **settings: int) -> Score:
        """The value with an interval from the whole-set estimates that leave a group out."""
        of: PictureSet = "reconstructions" if self.is_paired else "samples"
        metric = score_name(name, self.extractor_name, of)
        better = bool(describe(metric).higher_is_better)
        n, has_spread = len(self.candidate), bool(left.replicates)
        why = "no interval: one group has no spread"
        return Score(
            metric, value, "", better,
            ci95=jackknife_error(left.replicates).interval(value) if has_spread else None,
            ci_method=f"jackknife over {len(left.groups)} groups, Student t" if has_spread else why,
            n=n,
            replicates=left.replicates or None,
            clusters=left.groups if self.is_paired and has_spread else None,
            settings=settings,
        )  # fmt: skip


def _frechet(sets: _Sets) -> Score:
    reference, candidate = sets.reference.features, sets.candidate.features
    whole = gaussian(reference)

    def distance(kept: NDArray[np.intp]) -> float:
        originals = gaussian(reference[kept]) if sets.is_paired else whole
        return frechet_distance(originals, gaussian(candidate[kept]))

    found = leave_out(distance, sets.labels)
    return sets.score("fid", found.value, found, **_frechet_settings(sets))


def _corrected(sets: _Sets) -> list[Score]:
    """Of samples: the correction takes two sets for independent, which images and their own
    reconstructions are not. Nothing where there are too few images to tell their bias."""
    reference, candidate = sets.reference.features, sets.candidate.features
    if sets.is_paired or any(gaussian(cloud).has_too_few for cloud in (reference, candidate)):
        return []
    found = frechet_score(reference, candidate)
    value, moved = found.corrected.value, found.candidate
    assert value is not None
    assert moved is not None  # since there are images enough
    left = first_order(value, moved, sets.labels)
    return [sets.score("fid_corrected", value, left, **_frechet_settings(sets))]


def _frechet_settings(sets: _Sets) -> dict[str, int]:
    """What says whether there are enough images."""
    features = sets.reference.features
    return {"n_reference": len(features), "features": features.shape[1]}


def _kernel(sets: _Sets) -> Score:
    reference, candidate = sets.reference.features, sets.candidate.features
    found = kernel_distance(candidate, reference)
    groups = np.unique(sets.labels, return_inverse=True)[1]
    of_candidate = torch.from_numpy(groups)
    fixed = torch.zeros(len(reference), dtype=torch.int64)
    sums = kernel_sums(
        reference, candidate, of_candidate if sets.is_paired else fixed, of_candidate
    )

    def distance(kept: NDArray[np.intp]) -> float:
        left = np.unique(groups[kept]).tolist()
        return sums.distance(left if sets.is_paired else [0], left)

    return sets.score(
        "kid", found.value, leave_out(distance, sets.labels),
        subset_size=found.subset_size, subsets=found.subsets, n_reference=len(reference),
    )  # fmt: skip


def _inception(sets: _Sets) -> Score:
    logits = sets.candidate.logits
    splits = min(_SPLITS, max(1, len(logits) // _IMAGES_PER_SPLIT))

    def whole(kept: NDArray[np.intp]) -> float:
        return inception_score(logits[kept], splits=1, seed=None).value

    left = leave_out(whole, sets.labels)
    return sets.score("inception_score", inception_score(logits, splits).value, left, splits=splits)


def _neighbours(sets: _Sets) -> list[Score]:
    """Of samples: a reconstruction lies beside its own original, whatever it lacks."""
    reference, candidate = sets.reference.features, sets.candidate.features
    if sets.is_paired or min(len(reference), len(candidate)) <= _NEIGHBOURS:
        return []
    settings = {"neighbours": _NEIGHBOURS, "n_reference": len(reference)}
    found = neighbour_scores(reference, candidate, _NEIGHBOURS)
    return [
        sets.score(name, score.value, score.left_out["candidate"], **settings)
        for name, score in found.items()
    ]


def _check(reference: Features, candidate: Features, groups: Sequence[str] | None) -> None:
    if min(len(reference), len(candidate)) < 2:
        raise DataError(
            f"{len(candidate)} images against {len(reference)} give no fidelity score: a spread "
            "needs two images on each side, and a trustworthy one some thousands."
        )
    if groups is not None and not len(groups) == len(reference) == len(candidate):
        raise DataError(
            f"{len(candidate)} reconstructions with {len(groups)} photographs do not pair with "
            f"{len(reference)} originals. Measure all on the same images."
        )
