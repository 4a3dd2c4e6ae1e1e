"""Every score of one set of pictures against a reference, from one set of features."""

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from ..metrics.frechet import frechet_distance, gaussian
from ..metrics.frechet_infinity import frechet_at_infinity
from ..metrics.frechet_score import frechet_score
from ..metrics.groups import random_blocks
from ..metrics.inception_score import inception_influence, inception_score
from ..metrics.influence import Measured
from ..metrics.kernel_influence import kernel_influences
from ..metrics.kernel_subsets import kernel_distance
from ..metrics.neighbours import neighbour_scores
from ..resampling import leave_out
from .measured_set import MeasuredSet
from .protocol import FidelityProtocol
from .rated import Rated


def rate(
    reference: MeasuredSet,
    candidate: MeasuredSet,
    protocol: FidelityProtocol,
    infinity: bool = False,
) -> list[Rated]:
    """All scores that the two sets allow.

    Args:
        reference: statistics alone allow Fréchet distances and the Inception score.
        candidate: with features.
        infinity: extrapolate the Fréchet distance too, which takes fifteen of them.
    """
    return [
        *_frechet(reference, candidate),
        *([_at_infinity(reference, candidate)] if infinity else []),
        *_kernel(reference, candidate, protocol),
        *_inception(candidate, protocol),
        *_neighbours(reference, candidate, protocol),
    ]


def _frechet(reference: MeasuredSet, candidate: MeasuredSet) -> Iterator[Rated]:
    """The plain distance, and the corrected one; of both what moves the corrected one."""
    against = reference.gaussian if reference.features is None else reference.cloud
    found = frechet_score(against, candidate.cloud)
    corrected = found.corrected
    if found.candidate is None or corrected.value is None:
        yield _frechet_left_out(reference, candidate, found.plain, corrected.note)
        return
    moved = Measured(corrected.value, found.reference, found.candidate)
    for score, value in (("fid", found.plain), ("fid_corrected", corrected.value)):
        yield Rated(score, value, moved=replace(moved, value=value), note=corrected.note)


def _frechet_left_out(
    reference: MeasuredSet, candidate: MeasuredSet, value: float, note: str
) -> Rated:
    """Of fewer pictures than features, where influences are mostly chance."""

    def distance(kept: NDArray[np.intp]) -> float:
        return frechet_distance(gaussian(candidate.cloud[kept]), reference.gaussian)

    left = leave_out(distance, random_blocks(len(candidate.cloud)))
    return Rated("fid", value, left_out={"candidate": left}, note=note)


def _at_infinity(reference: MeasuredSet, candidate: MeasuredSet) -> Rated:
    fixed = reference.gaussian if reference.features is None else reference.cloud
    found = frechet_at_infinity(candidate.cloud, fixed)
    value = float("nan") if found.value is None else found.value
    return Rated("fid_infinity", value, {"sizes": len(found.sizes)}, note=found.note)


def _kernel(
    reference: MeasuredSet, candidate: MeasuredSet, protocol: FidelityProtocol
) -> Iterator[Rated]:
    if reference.features is None:
        return
    found = kernel_distance(
        candidate.cloud, reference.cloud,
        protocol.kid_subsets, protocol.kid_subset_size, protocol.kid_seed,
    )  # fmt: skip
    ours, theirs = kernel_influences(candidate.cloud, reference.cloud)
    settings = {"subsets": found.subsets, "subset_size": found.subset_size}
    yield Rated("kid", found.value, settings, Measured(found.value, theirs, ours))


def _inception(candidate: MeasuredSet, protocol: FidelityProtocol) -> Iterator[Rated]:
    if candidate.features is None or candidate.features.num_classes == 0:
        return
    found = inception_score(
        candidate.logits, protocol.is_splits, protocol.is_split_size,
        protocol.is_seed if protocol.is_shuffle else None,
    )  # fmt: skip
    moved = Measured(found.value, None, inception_influence(candidate.logits))
    yield Rated("inception_score", found.value, {"splits": found.splits}, moved)


def _neighbours(
    reference: MeasuredSet, candidate: MeasuredSet, protocol: FidelityProtocol
) -> Iterator[Rated]:
    if reference.features is None:
        return
    k = protocol.neighbours
    for score, found in neighbour_scores(reference.cloud, candidate.cloud, k).items():
        yield Rated(
            score, found.value, {"neighbours": k}, left_out=found.left_out, chance=found.error
        )
