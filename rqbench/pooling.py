"""Pooling records of several trainings: one number, and its error from images and from seeds."""

import json
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from .metric_names import is_timing
from .record import Record, plain
from .resampling import bootstrap_error, jackknife_error
from .statistics import ErrorBar, combined_error, student_error

_NORMAL = ErrorBar(1.0, np.inf).quantile


def pool(records: Iterable[Record]) -> list[Record]:
    """Make one record of those that differ only in their seed, where the first of them stood.

    The value is the mean over seeds; `raw` and `replicates` are means for each image and for each
    cluster left out, but repeats of a timing, which do not pair, stand one after the other. `ci95`
    covers other images and another training, `image_ci95` other images alone, and `seed_values`
    holds what each training gave. A record of one seed stays as it is.
    """
    groups: dict[tuple[str, int], list[Record]] = {}
    earlier: Counter[tuple[str, int]] = Counter()
    for record in records:
        key = _identity(record)
        groups.setdefault((key, earlier[key, record.seed]), []).append(record)
        earlier[key, record.seed] += 1
    return [_pooled(group) if len(group) > 1 else group[0] for group in groups.values()]


def image_error(record: Record) -> ErrorBar | None:
    """The error of a record over other images or, of a timing, over other repeats.

    None where the record holds nothing that tells it. A bare interval, as old and published records
    have, is read as that of a normal value, which errs to the wide side.
    """
    if record.replicates:
        return jackknife_error(record.replicates)
    if record.raw and is_timing(record.metric):
        return student_error(record.raw)
    if record.raw:
        return bootstrap_error(record.raw, record.clusters)
    interval = record.image_ci95 if record.seed_values else record.ci95
    return ErrorBar((interval[1] - interval[0]) / 2 / _NORMAL, np.inf) if interval else None


def _identity(record: Record) -> str:
    """What records of one thing share, whichever seed trained it.

    Of settings, fractions (a threshold) are found anew by each training: the first of one seed
    belongs to the first of another. The machine counts only where it is what is measured.
    """
    settings = {
        name: "fraction" if isinstance(value, float) else value
        for name, value in record.settings.items()
    }
    facts = (
        record.experiment, record.system, record.tokenizer, record.prior, record.data, record.split,
        record.metric, record.protocol, record.protocol_hash, record.source, record.citation,
        settings, record.setup, record.environment if is_timing(record.metric) else None,
    )  # fmt: skip
    return json.dumps(plain(facts), sort_keys=True)


def _pooled(group: Sequence[Record]) -> Record:
    group = sorted(group, key=lambda record: record.seed)
    first, values = group[0], [record.value for record in group]
    is_set_apart = is_timing(first.metric)
    # a value may be undefined for some images, and for others in another training
    alike = first.clusters, first.images
    is_paired = all((record.clusters, record.images) == alike for record in group)
    intervals = [record.ci95 for record in group if record.ci95]
    alone = first.model_copy(
        update={
            "value": _mean(values),
            "n": sum(record.n for record in group) if is_set_apart else first.n,
            "raw": _together([record.raw for record in group], is_set_apart) if is_paired else None,
            "images": first.images if is_paired else None,
            "replicates": _together([record.replicates for record in group], False),
            "settings": _mean_settings(group),
            "seed_values": {record.seed: record.value for record in group},
            "image_ci95": tuple(map(_mean, zip(*intervals, strict=True))) if intervals else None,
        }
    )
    images, trainings = image_error(alone), student_error(values)
    whole = combined_error([images, trainings] if images else [trainings])
    method = f"Student t over {len(group)} seeds"
    return alone.model_copy(
        update={
            "ci95": whole.interval(alone.value),
            "image_ci95": images.interval(alone.value) if images else None,
            "ci_method": f"{first.ci_method}; and {method}, variances added" if images else method,
        }
    )


def _mean(values: Sequence[float]) -> float:
    with np.errstate(invalid="ignore"):  # inf - inf is nan, which is the answer
        return float(np.mean(values))


def _together(parts: Sequence[list[float] | None], set_apart: bool) -> list[float] | None:
    """Means of what stands at the same place, or all one after the other."""
    present = [part for part in parts if part]
    if len(present) < len(parts):
        return None
    if set_apart:
        return [value for part in present for value in part]
    with np.errstate(invalid="ignore"):
        means: list[float] = np.mean(present, axis=0).tolist()
    return means


def _mean_settings(group: Sequence[Record]) -> dict[str, Any]:
    return {
        name: _mean([record.settings[name] for record in group])
        if isinstance(value, float)
        else value
        for name, value in group[0].settings.items()
    }
