"""How close a set of pictures comes to a reference set: Fréchet, kernel and Inception-style score.

One pass of the extractor serves all three. Each value is what torch-fidelity gives; the interval
comes from the whole-set estimator with groups left out, whose spread has no random subsets in it.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from rqbench.errors import DataError
from rqbench.metric_names import PictureSet, score_name
from rqbench.resampling import LeftOut, jackknife_error, leave_out

from .frechet import frechet_distance, gaussian
from .inception_score import inception_score
from .kernel import kernel_distance, kernel_sums

_BLOCKS = 16  # random groups of samples, which have no photograph
_MOST_GROUPS = 32  # more photographs are left out in bundles: each group costs a whole score
_SEED = 2020
_KID_SUBSETS, _KID_SUBSET_SIZE = 100, 1000  # as published
_SPLITS, _IMAGES_PER_SPLIT = 10, 100  # published are 10 splits; fewer images make the score smaller


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
    is_paired = groups is not None
    labels = _blocks(len(candidate)) if groups is None else _removable(_bundled(groups))
    frechet, kernel, inception = score_names(extractor_name, is_paired)
    return [
        _frechet(frechet, reference, candidate, labels, is_paired),
        _kernel(kernel, reference, candidate, labels, is_paired),
        _inception(inception, candidate, labels, is_paired),
    ]


def score_names(extractor_name: str, is_paired: bool) -> tuple[str, str, str]:
    """The metrics of `fidelity_scores`, in its order."""
    of: PictureSet = "reconstructions" if is_paired else "samples"
    frechet, kernel, inception = (
        score_name(score, extractor_name, of) for score in ("fid", "kid", "inception_score")
    )
    return frechet, kernel, inception


def _frechet(
    metric: str, reference: Features, candidate: Features, labels: list[str], is_paired: bool
) -> Score:
    whole = gaussian(reference.features)

    def distance(kept: NDArray[np.intp]) -> float:
        originals = gaussian(reference.features[kept]) if is_paired else whole
        return frechet_distance(originals, gaussian(candidate.features[kept]))

    found = leave_out(distance, labels)
    settings = {"n_reference": len(reference)}
    return _score(metric, found.value, found, len(candidate), False, settings, is_paired)


def _kernel(
    metric: str, reference: Features, candidate: Features, labels: list[str], is_paired: bool
) -> Score:
    size = min(_KID_SUBSET_SIZE, len(reference), len(candidate))
    takes_all = size == len(reference) == len(candidate)
    settings = {"subset_size": size, "subsets": 1 if takes_all else _KID_SUBSETS}
    value = kernel_distance(
        reference.features, candidate.features, settings["subsets"], size, _SEED
    )
    groups = np.unique(labels, return_inverse=True)[1]
    of_candidate = torch.from_numpy(groups)
    of_reference = of_candidate if is_paired else torch.zeros(len(reference), dtype=torch.int64)
    sums = kernel_sums(reference.features, candidate.features, of_reference, of_candidate)

    def distance(kept: NDArray[np.intp]) -> float:
        left = np.unique(groups[kept]).tolist()
        return sums.distance(left if is_paired else [0], left)

    settings["n_reference"] = len(reference)
    left = leave_out(distance, labels)
    return _score(metric, value, left, len(candidate), False, settings, is_paired)


def _inception(metric: str, candidate: Features, labels: list[str], is_paired: bool) -> Score:
    splits = min(_SPLITS, max(1, len(candidate) // _IMAGES_PER_SPLIT))

    def whole(kept: NDArray[np.intp]) -> float:
        return inception_score(candidate.logits[kept], 1, _SEED, is_shuffled=False)

    value, left = inception_score(candidate.logits, splits, _SEED), leave_out(whole, labels)
    return _score(metric, value, left, len(candidate), True, {"splits": splits}, is_paired)


def _score(
    metric: str,
    value: float,
    left: LeftOut,
    n: int,
    higher_is_better: bool,
    settings: dict[str, int],
    is_paired: bool,
) -> Score:
    """The value with an interval from the whole-set estimates that leave a group out."""
    if not left.replicates:
        why = "no interval: one group has no spread"
        return Score(metric, value, "", higher_is_better, None, why, n, settings=settings)
    return Score(
        metric, value, "", higher_is_better,
        ci95=jackknife_error(left.replicates).interval(value),
        ci_method=f"jackknife over {len(left.groups)} groups, Student t",
        n=n,
        replicates=left.replicates,
        clusters=left.groups if is_paired else None,
        settings=settings,
    )  # fmt: skip


def _blocks(count: int) -> list[str]:
    """Random groups of nearly equal size, at most one for each image."""
    order = np.random.default_rng(_SEED).permutation(count)
    return _removable([f"{block:02d}" for block in order % min(_BLOCKS, count)])


def _bundled(groups: Sequence[str]) -> list[str]:
    """The groups, or bundles of whole groups, by their names alone so that all systems share them.

    Source: Kott 2001, Journal of Official Statistics 17(4), the delete-a-group jackknife.
    """
    names = sorted(set(groups))
    if len(names) <= _MOST_GROUPS:
        return list(groups)
    order = np.random.default_rng(_SEED).permutation(len(names)) % _MOST_GROUPS
    bundles = {name: f"bundle {place:02d}" for name, place in zip(names, order, strict=True)}
    return [bundles[group] for group in groups]


def _removable(labels: list[str]) -> list[str]:
    """The same groups, or one for all where leaving one out would leave fewer than two images."""
    largest = max(Counter(labels).values(), default=0)
    return labels if len(labels) - largest >= 2 else ["all"] * len(labels)


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
