"""Arithmetic on records: what pairs by image, by cluster left out or by seed stays paired."""

from collections.abc import Callable
from math import log
from operator import sub
from statistics import mean

from rqbench.api import Record


def minus(record: Record, against: Record) -> Record:
    """The difference of two records; its parts are None where the two do not pair."""
    return _each(record, against, sub)


def line_between(low: Record, high: Record, share: float, name: str) -> Record:
    """The straight line between two records, image by image, at `share` of the way to `high`.

    The result goes by `name`; `low` and `high` must agree in their terms.
    """
    line = _each(low, high, lambda left, right: (1 - share) * left + share * right)
    return line.model_copy(update={"system": name})


def logarithm(record: Record) -> Record:
    """A timing on the scale on which ratios are differences; its value is the mean there."""
    repeats = [log(value) for value in record.raw or []]
    by_seed = {seed: log(value) for seed, value in (record.seed_values or {}).items()}
    known = repeats or list(by_seed.values()) or [log(record.value)]
    return record.model_copy(
        update={
            "value": mean(known),
            "raw": repeats if len(repeats) > 1 else None,  # one repeat is a single reading
            "seed_values": by_seed or None,
            "ci95": None,
            "image_ci95": None,
        }
    )


def _each(first: Record, second: Record, of: Callable[[float, float], float]) -> Record:
    """A function of two records wherever both have a value for the same thing; no interval."""
    is_same = first.clusters == second.clusters
    ours, theirs = first.seed_values or {}, second.seed_values or {}

    return first.model_copy(
        update={
            "value": of(first.value, second.value),
            "raw": _together(of, first.raw, second.raw) if is_same else None,
            "replicates": _together(of, first.replicates, second.replicates)
            if is_same and first.clusters
            else None,
            "seed_values": {seed: of(ours[seed], theirs[seed]) for seed in ours}
            if ours and ours.keys() == theirs.keys()
            else None,
            "ci95": None,
            "image_ci95": None,
        }
    )


def _together(
    of: Callable[[float, float], float], left: list[float] | None, right: list[float] | None
) -> list[float] | None:
    """The function of each pair; None where there are no pairs."""
    if not left or not right or len(left) != len(right):
        return None
    return list(map(of, left, right))
