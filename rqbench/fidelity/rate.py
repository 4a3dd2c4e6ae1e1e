"""Every score of one set of pictures against a reference, from one set of features."""

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import torch
from jaxtyping import Float
from numpy.typing import NDArray
from torch import Tensor

from ..metrics.difference import Pairing
from ..metrics.frechet import Gaussian, frechet_distance, gaussian, gaussian_of
from ..metrics.frechet_infinity import frechet_at_infinity
from ..metrics.frechet_score import frechet_score
from ..metrics.groups import random_blocks
from ..metrics.inception_score import inception_influence, inception_score
from ..metrics.influence import Measured
from ..metrics.kernel_influence import kernel_influences
from ..metrics.kernel_subsets import kernel_distance
from ..metrics.moments import Moments
from ..metrics.neighbours import neighbour_scores
from ..resampling import leave_out
from .measured_set import MeasuredSet
from .protocol import FidelityProtocol
from .rated import Rated

_ROWS = 1024  # features that are gathered at once

FEW_A_PART = 500
"""Pictures below which parts of the Inception score are small beside a thousand classes."""


def rate(
    reference: MeasuredSet,
    candidate: MeasuredSet,
    protocol: FidelityProtocol,
    infinity: bool = False,
    is_paired: bool = False,
) -> list[Rated]:
    """All scores that the two sets allow.

    Args:
        reference: statistics alone allow Fréchet distances and the Inception score. Of pairs it has
            no given ones.
        candidate: with features.
        infinity: extrapolate the Fréchet distance too, which takes fifteen of them.
        is_paired: candidates are reconstructions of the reference's pictures, in the same order.
    """
    found = [
        *_frechet(reference, candidate, is_paired),
        *([_at_infinity(reference, candidate)] if infinity else []),
        *_kernel(reference, candidate, protocol),
        *_inception(candidate, protocol),
        *_neighbours(reference, candidate, protocol, is_paired),
    ]
    pairing = Pairing.ALL if is_paired else Pairing.NONE
    return [replace(each, pairing=pairing) for each in found]


def _frechet(reference: MeasuredSet, candidate: MeasuredSet, is_paired: bool) -> Iterator[Rated]:
    """The plain distance, and the corrected one; of both what moves the corrected one.

    The correction takes the sets for independent, so that there is none of pairs.
    """
    against = reference.gaussian if reference.stands_fixed else reference.cloud
    found = frechet_score(against, candidate.cloud)
    corrected = found.corrected
    if found.candidate is None or corrected.value is None:
        yield _frechet_left_out(reference, candidate, found.plain, corrected.note, is_paired)
        return
    moved = Measured(corrected.value, found.reference, found.candidate)
    yield Rated("fid", found.plain, moved=replace(moved, value=found.plain), note=corrected.note)
    if is_paired:
        return
    yield Rated("fid_corrected", corrected.value, moved=moved, note=corrected.note)


def _frechet_left_out(
    reference: MeasuredSet, candidate: MeasuredSet, value: float, note: str, is_paired: bool
) -> Rated:
    """Of fewer pictures than features, where influences are mostly chance."""

    def distance(kept: NDArray[np.intp]) -> float:
        target = _normal(reference.cloud, kept) if is_paired else reference.gaussian
        return frechet_distance(_normal(candidate.cloud, kept), target)

    left = leave_out(distance, random_blocks(len(candidate.cloud)))
    loses = "both" if is_paired else "candidate"
    return Rated("fid", value, left_out={loses: left}, note=note)


def _normal(features: Float[Tensor, "n d"], kept: NDArray[np.intp]) -> Gaussian:
    """That of some pictures, which may be many where only the other set has few."""
    if len(kept) <= features.shape[1]:
        return gaussian(features[kept])
    moments = Moments(features.shape[1], features.device)
    for rows in torch.split(torch.from_numpy(kept), _ROWS):
        moments.add(features[rows])
    return gaussian_of(moments)


def _at_infinity(reference: MeasuredSet, candidate: MeasuredSet) -> Rated:
    fixed = reference.gaussian if reference.stands_fixed else reference.cloud
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
    note = (
        f"KID's subsets are of {found.subset_size:,} pictures and not of the protocol's "
        f"{protocol.kid_subset_size:,}, of which there are too few"
        if found.subset_size < protocol.kid_subset_size
        else ""
    )
    yield Rated("kid", found.value, settings, Measured(found.value, theirs, ours), note=note)


def _inception(candidate: MeasuredSet, protocol: FidelityProtocol) -> Iterator[Rated]:
    if candidate.features is None or candidate.features.num_classes == 0:
        return
    found = inception_score(
        candidate.logits, protocol.is_splits, protocol.is_split_size,
        protocol.is_seed if protocol.is_shuffle else None,
    )  # fmt: skip
    moved = Measured(found.value, None, inception_influence(candidate.logits))
    each = len(candidate.logits) // found.splits
    note = (
        f"the Inception score's {found.splits} parts have about {each} pictures each, which makes "
        "it smaller; it is 1 where a part is one picture"
        if each < FEW_A_PART
        else ""
    )
    yield Rated("inception_score", found.value, {"splits": found.splits}, moved, note=note)


def _neighbours(
    reference: MeasuredSet, candidate: MeasuredSet, protocol: FidelityProtocol, is_paired: bool
) -> Iterator[Rated]:
    if reference.features is None:
        return
    k = protocol.neighbours
    scores = neighbour_scores(reference.cloud, candidate.cloud, k, is_paired=is_paired)
    for score, found in scores.items():
        yield Rated(
            score, found.value, {"neighbours": k}, left_out=found.left_out, chances=found.errors
        )
