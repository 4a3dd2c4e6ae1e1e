"""What a reader has to know of sets of pictures before believing their scores."""

from collections.abc import Iterator, Sequence

from ..counted import counted
from ..metrics.extractor import Extractor
from ..metrics.extractors.catalogue import known_extractor
from .measured_set import MeasuredSet
from .protocol import FidelityProtocol


def notes_of(
    reference: MeasuredSet,
    candidates: Sequence[MeasuredSet],
    protocol: FidelityProtocol,
    extractor: Extractor,
) -> Iterator[str]:
    """Scores that these sets do not have and why, and what their error bars rest on."""
    if reference.features is None:
        yield (
            f"{reference.name} is statistics alone, without the features that the kernel "
            "distance, precision, recall, density and coverage need"
        )
    if reference.note:
        yield reference.note
    if extractor.num_classes == 0:
        has_classes = known_extractor(protocol.extractor).num_classes > 0
        yield (
            f"{protocol.id} takes no class logits, so no Inception score"
            if has_classes and protocol.logits == "none"
            else f"{extractor.name} names no classes, so no Inception score"
        )
    for each in (reference, *candidates):
        yield from _of_few(each, protocol.neighbours)
        yield from _of_crops(each)


def _of_few(measured: MeasuredSet, neighbours: int) -> Iterator[str]:
    if measured.features is not None and measured.features.n <= neighbours:
        yield (
            f"{measured.name} has {counted(measured.features.n, 'picture')}, too few for "
            f"{neighbours} neighbours each, so no precision, recall, density and coverage"
        )


def _of_crops(measured: MeasuredSet) -> Iterator[str]:
    photographs, crops = measured.num_photographs, measured.n
    if photographs == 0:
        return
    if photographs == 1:
        yield (
            f"all {crops:,} pictures of {measured.name} are crops of one photograph, so that no "
            "error is known of scores that they move"
        )
        return
    yield (
        f"{crops:,} pictures of {measured.name} are crops of {photographs:,} photographs. Error "
        f"bars take these {photographs:,} as the independent ones; Fréchet and kernel distances "
        "are larger than those of so many independent pictures"
    )
