"""Traps: properties of two sets of pictures that make a fidelity score mean something else.

Each has a name and a sentence that says what was found, why it matters and how to mend it. None
changes a number. `--strict` makes them errors.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from .class_traps import class_sorted, unbalanced_classes
from .pictures import PictureFacts
from .pixel_traps import not_paired, paired, upscaled
from .side import Met, Side

FEW = 10_000
_LOSSY = frozenset({"JPEG", "WEBP"})


@dataclass(frozen=True)
class Trap:
    """A trap that was met: its name, and what a user should know of it."""

    name: str
    message: str

    def __str__(self) -> str:
        return f"{self.name}: {self.message}"


def traps_met(
    reference: Side, candidate: Side, shuffles: bool, side_px: int, is_paired: bool = False
) -> list[Trap]:
    """Every trap that these two sets meet, each once.

    Args:
        shuffles: whether the protocol shuffles before it splits pictures for the Inception score.
        side_px: of the squares that the extractor sees.
        is_paired: whether the candidates are said to be reconstructions of the reference.
    """
    both = (reference, candidate)
    found = [
        few_images(both),
        unequal_counts(reference, candidate),
        duplicates(both),
        mixed_sizes(both),
        mismatched_sizes(reference, candidate),
        jpeg_against_png(reference, candidate),
        upscaled(both, side_px),
        unbalanced_classes(both),
        None if shuffles else class_sorted(candidate),
        not_paired(reference, candidate) if is_paired else paired(reference, candidate),
    ]
    return [Trap(name, message) for name, message in filter(None, found)]


def few_images(sides: Sequence[Side]) -> Met:
    few = [f"{side.n:,} in {side.name}" for side in sides if side.n is not None and side.n < FEW]
    if not few:
        return None
    return "few-images", (
        f"{' and '.join(few)}. Under {FEW:,} the Fréchet distance is largely bias, which the "
        "number of pictures sets: compare only equal numbers."
    )


def unequal_counts(reference: Side, candidate: Side) -> Met:
    if reference.n is None or candidate.n is None or reference.n == candidate.n:
        return None
    return "unequal-counts", (
        f"{reference.n:,} pictures in {reference.name} against {candidate.n:,} in "
        f"{candidate.name}. Precision, recall and the plain Fréchet distance depend on both "
        "numbers: compare only with scores of the same two."
    )


def duplicates(sides: Sequence[Side]) -> Met:
    said = []
    for side in sides:
        extra = [fact for fact, is_first in _firsts(side.facts) if not is_first]
        if extra:
            count = f"{len(extra):,} of {len(side.facts):,} in {side.name}"
            said.append(f"{count} repeat another, such as {extra[0].name}")
    known = {fact.sha256 for fact in sides[0].facts}
    shared = [fact for fact in sides[1].facts if fact.sha256 in known]
    if shared:
        said.append(
            f"{len(shared):,} in {sides[1].name} are also in {sides[0].name}, such as "
            f"{shared[0].name}"
        )
    if not said:
        return None
    return "duplicates", f"{'; '.join(said)}. Repeats count as independent pictures: remove them."


def _firsts(facts: Sequence[PictureFacts]) -> Iterator[tuple[PictureFacts, bool]]:
    seen: set[str] = set()
    for fact in facts:
        yield fact, fact.sha256 not in seen
        seen.add(fact.sha256)


def mixed_sizes(sides: Sequence[Side]) -> Met:
    said = [
        f"{side.name} has {len(sizes)} sizes, {_sizes(sizes)}"
        for side in sides
        if len(sizes := Counter((fact.width, fact.height) for fact in side.facts)) > 1
    ]
    if not said:
        return None
    return "mixed-sizes", (
        f"{'; '.join(said)}. Each is stretched to the extractor's square on its own: crop and "
        "resize all of them the same way first."
    )


def mismatched_sizes(reference: Side, candidate: Side) -> Met:
    ours, theirs = (
        {(fact.width, fact.height) for fact in side.facts} for side in (reference, candidate)
    )
    if not ours or not theirs or ours & theirs:
        return None
    return "mismatched-sizes", (
        f"{reference.name} has {_sizes(ours)}, {candidate.name} {_sizes(theirs)}. The score then "
        "measures resizing too: bring both to one size before."
    )


def _sizes(sizes: "Counter[tuple[int, int]] | set[tuple[int, int]]") -> str:
    shown = [f"{width}x{height}" for width, height in sorted(sizes)[:3]]
    return ", ".join(shown) + (" and others" if len(sizes) > 3 else "")


def jpeg_against_png(reference: Side, candidate: Side) -> Met:
    if not reference.facts or not candidate.facts:
        return None
    ours, theirs = (_lossy_share(side) for side in (reference, candidate))
    if abs(ours - theirs) < 0.01:
        return None
    return "jpeg-against-png", (
        f"{ours:.0%} of {reference.name} and {theirs:.0%} of {candidate.name} are stored with "
        "loss (JPEG, WebP). Extractors see the artifacts: store both sets alike, best as PNG from "
        "the originals."
    )


def _lossy_share(side: Side) -> float:
    return sum(fact.format in _LOSSY for fact in side.facts) / len(side.facts)
