"""Traps that classes show: other shares than the reference's, and an order by class."""

from collections import Counter
from collections.abc import Sequence
from itertools import pairwise

from scipy.stats import chi2_contingency

from .side import Met, Side

_CHANCE = 0.001
"""A p-value below which classes are unequal by more than chance."""


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


def _counts(labels: Sequence[str | int | None]) -> list[int]:
    return list(Counter(labels).values())
