"""Every score of one set of pictures against a reference, by a protocol."""

from collections.abc import Iterator
from dataclasses import replace

from jaxtyping import Float
from torch import Tensor

from ..counted import counted
from ..metrics.frechet_infinity import frechet_at_infinity
from ..metrics.kernel_influence import bias_of_pairs
from ..metrics.rated import Rated
from ..metrics.set_scores import (
    Matched,
    rate_frechet,
    rate_inception,
    rate_kernel,
    rate_neighbours,
)
from .measured_set import MeasuredSet
from .protocol import FidelityProtocol

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
        is_paired: candidates are reconstructions of the reference's pictures, in the same order,
            and of the same photographs (`paired_sets.pair`).
    """
    matched = Matched(reference.clusters, candidate.clusters, is_paired)
    has_features, cloud = reference.features is not None, candidate.cloud
    against = reference.gaussian if reference.stands_fixed else reference.cloud
    found = rate_frechet(against, cloud, matched)
    if infinity:
        found.append(_at_infinity(reference, candidate, matched))
    if has_features:
        found.append(_kernel(reference.cloud, cloud, matched, protocol))
    found += _inception(candidate, matched, protocol)
    if has_features:
        found += rate_neighbours(reference.cloud, cloud, matched, protocol.neighbours)
    return found


def _at_infinity(reference: MeasuredSet, candidate: MeasuredSet, matched: Matched) -> Rated:
    if matched.has_crops:  # of 20 x 10 crops of one distribution it took 0.16 of 1.44 off
        why = "no distance at infinity: more crops of the same photographs lead nowhere near it"
        return Rated("fid_infinity", float("nan"), note=why)
    fixed = reference.gaussian if reference.stands_fixed else reference.cloud
    found = frechet_at_infinity(candidate.cloud, fixed)
    value = float("nan") if found.value is None else found.value
    settings = {"sizes": len(found.sizes)} if found.sizes else {}
    return Rated("fid_infinity", value, settings, note=found.note)


def _kernel(
    reference: Float[Tensor, "n d"],
    candidate: Float[Tensor, "m d"],
    matched: Matched,
    protocol: FidelityProtocol,
) -> Rated:
    found = rate_kernel(
        reference, candidate, matched,
        protocol.kid_subsets, protocol.kid_subset_size, protocol.kid_seed,
    )  # fmt: skip
    if not matched.is_paired:
        return found
    of_pairs = (
        "KID takes the sets for independent; pictures that meet their own originals make it "
        f"{-bias_of_pairs(candidate, reference):.2g} smaller, and it may be below zero"
    )
    return replace(found, note="; ".join(filter(None, (found.note, of_pairs))))


def _inception(
    candidate: MeasuredSet, matched: Matched, protocol: FidelityProtocol
) -> Iterator[Rated]:
    if candidate.features is None or candidate.features.num_classes == 0:
        return
    found = rate_inception(
        candidate.logits, matched, protocol.is_splits, protocol.is_split_size,
        protocol.is_seed if protocol.is_shuffle else None,
    )  # fmt: skip
    parts = found.settings["splits"]
    each = len(candidate.logits) // parts
    note = (
        f"the Inception score is of {counted(parts, 'part')} of about {counted(each, 'picture')}, "
        "which makes it smaller; it is 1 where a part is one picture"
        if each < FEW_A_PART
        else ""
    )
    yield replace(found, note=note)
