"""Traps: properties of two sets of pictures that make a fidelity score mean something else.

Each has a name and a sentence that says what was found, why it matters and how to mend it. None
changes a number. `--strict` makes them errors.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from jaxtyping import UInt8
from scipy.stats import chi2_contingency

from .enlarged import fine_shares, is_doubled
from .pairs import look_paired
from .pictures import PictureFacts

FEW = 10_000
_LOOKED_AT = 64  # pictures whose pixels are read again
_LEAST_FINE = 0.0015  # of photographs as they are 0.017 and more
_LEAST_RATIO = 0.25
_CHANCE = 0.001
"""A p-value below which classes are unequal by more than chance."""
_LOSSY = frozenset({"JPEG", "WEBP"})

Read = Callable[[int], UInt8[np.ndarray, "H W 3"]]


@dataclass(frozen=True)
class Side:
    """One of the two sets.

    Attributes:
        name: as the user calls it.
        n: pictures; None of statistics that do not say.
        facts: of each picture, in order; empty of statistics.
        read: gives a picture's pixels by its place; None of statistics.
        guessed: the class that the extractor thinks likeliest, for pictures without labels.
    """

    name: str
    n: int | None
    facts: Sequence[PictureFacts] = ()
    read: Read | None = None
    guessed: Sequence[int] = ()


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


Met = tuple[str, str] | None


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


def upscaled(sides: Sequence[Side], side_px: int) -> Met:
    """Enlarged before, by their pixels, or much enlarged by the protocol itself."""
    said, medians = [], []
    for side in sides:
        pictures = _looked_at(side)
        shares = fine_shares(pictures)
        medians.append(float(np.median(shares)) if len(shares) else np.nan)
        if pictures and np.mean([is_doubled(picture) for picture in pictures]) > 0.5:
            said.append(f"{side.name} repeats its pixels, as if enlarged by nearest neighbour")
        small = [min(fact.width, fact.height) for fact in side.facts]
        if small and 2 * np.median(small) < side_px:
            times = side_px / np.median(small)
            said.append(f"the extractor's {side_px} px enlarge {side.name} {times:.1f} times")
    for side, share, other in zip(sides, medians, reversed(medians), strict=True):
        if share < _LEAST_FINE or share < _LEAST_RATIO * other:
            said.append(
                f"{side.name} has {share:.3%} of its power in the finest detail (photographs as "
                "they are 1.7% and more), as if enlarged or blurred"
            )
    if not said:
        return None
    return "upscaled", (
        f"{'; '.join(said)}. Enlarged pictures share their smoothness, which the score takes for "
        "likeness or for a difference: compare pictures at the size at which they were made."
    )


def _looked_at(side: Side) -> list[UInt8[np.ndarray, "_ _ 3"]]:
    if side.read is None or not side.facts:
        return []
    places = np.linspace(0, len(side.facts) - 1, min(_LOOKED_AT, len(side.facts)))
    return [side.read(int(place)) for place in places.round()]


def unbalanced_classes(sides: Sequence[Side]) -> Met:
    """Classes in other shares than the reference's, or unequal ones where only one set has any;
    by more than chance."""
    counted = [(side.name, Counter(labels)) for side in sides if (labels := _labels(side))]
    if not counted:
        return None
    classes = sorted(set().union(*(counts for _, counts in counted)))
    rows = [[counts[label] for label in classes] for _, counts in counted]
    if len(rows) == 1:
        rows.append([sum(rows[0])] * len(classes))
    if len(classes) < 2 or chi2_contingency(rows).pvalue > _CHANCE:
        return None
    said = [f"{name} has {_extremes(counts, classes)}" for name, counts in counted]
    return "unbalanced-classes", (
        f"{'; '.join(said)}. Published scores are of equally many pictures a class, or of the "
        "reference's own shares: draw the candidates so."
    )


def _labels(side: Side) -> list[str]:
    """The class of each picture; empty where one has none."""
    labels = [fact.label for fact in side.facts if fact.label is not None]
    return labels if len(labels) == len(side.facts) else []


def _extremes(counts: "Counter[str]", classes: Sequence[str]) -> str:
    most, least = (choose(classes, key=lambda label: counts[label]) for choose in (max, min))
    return f"{counts[most]:,} of class {most} and {counts[least]:,} of class {least}"


def class_sorted(candidate: Side) -> Met:
    """Labels that come class by class, where the Inception score splits by place."""
    labels: list[str | int | None] = [fact.label for fact in candidate.facts]
    if not labels or None in labels:
        labels = list(candidate.guessed)
    if not labels:
        return None
    changes = sum(label != after for label, after in pairwise(labels))
    expected = (len(labels) - 1) * (1 - sum((c / len(labels)) ** 2 for c in _counts(labels)))
    if expected < 1 or changes > 0.5 * expected:
        return None
    return "class-sorted", (
        f"{candidate.name} comes class by class, and this protocol splits it by place for the "
        "Inception score: each split sees few classes, which makes the score smaller. Shuffle the "
        "files, or take a protocol that shuffles."
    )


def paired(reference: Side, candidate: Side) -> Met:
    """Reconstructions that are scored as if they were samples."""
    if reference.n != candidate.n or not look_paired(_looked_at(reference), _looked_at(candidate)):
        return None
    return "paired", (
        f"{candidate.name} looks like reconstructions of {reference.name}, picture by picture. The "
        "corrected distance and all errors take the two for independent: add --paired."
    )


def not_paired(reference: Side, candidate: Side) -> Met:
    """Pictures that are said to be reconstructions and do not look it."""
    pictures = _looked_at(reference), _looked_at(candidate)
    if len(pictures[0]) < 3 or look_paired(*pictures):
        return None
    return "not-paired", (
        f"{candidate.name} does not look like reconstructions of {reference.name} in the same "
        "order, and --paired takes them for that: compare the order of their names."
    )


def _counts(labels: Sequence[str | int | None]) -> list[int]:
    return list(Counter(labels).values())
