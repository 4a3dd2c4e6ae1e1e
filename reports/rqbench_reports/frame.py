"""Finding records: the main one of a system, the points of a curve, the parts of a codebook."""

import json
from collections.abc import Iterable, Sequence

import pandas as pd

from rqbench.api import Record, RunData, is_timing, settings_text

PARTS = frozenset({"depth", "grain", "threshold", "quality"})
"""Settings that name a part of a system or another operating point, never the system itself."""

NESTED = {
    "raw", "clusters", "replicates", "seed_values", "ci95", "image_ci95", "settings", "setup",
    "seed",
}  # fmt: skip


def main_records(records: Iterable[Record]) -> dict[tuple[str, str], Record]:
    """The record that stands for a system, by (system, metric).

    One without settings comes first. Otherwise what varies is how it was measured, and the largest
    batch stands for the system: systems of one experiment share their batch sizes.
    """
    found: dict[tuple[str, str], Record] = {}
    for record in records:
        if PARTS & record.settings.keys():
            continue
        key = record.system, record.metric
        if key not in found or _rank(record) < _rank(found[key]):
            found[key] = record
    return found


def _rank(record: Record) -> tuple[bool, float]:
    return bool(record.settings), -float(record.settings.get("batch", 0))


def points(records: Iterable[Record], system: str, metric: str) -> dict[str, Record]:
    """All operating points of one system in one metric, by `settings_text`, "" for the main one.

    Of equal settings the first record stands: the held-out one, which comes before the same metric
    of training crops.
    """
    found: dict[str, Record] = {}
    for record in records:
        if (record.system, record.metric) == (system, metric):
            found.setdefault(settings_text(record.settings), record)
    return found


def repeat_range(record: Record) -> tuple[float, float] | None:
    """Lowest and highest repeat of a timing; None for other metrics and for a single one."""
    if not is_timing(record.metric) or len(record.raw or ()) < 2:
        return None
    return min(record.raw or ()), max(record.raw or ())


def half_width(record: Record) -> float | None:
    """The longer side of the 95% interval; None where it is missing, unbounded or of no width."""
    if record.ci95 is None:
        return None
    half = max(record.ci95[1] - record.value, record.value - record.ci95[0])
    return half if 0 < half < float("inf") else None


def in_order(names: Iterable[str], run: RunData) -> list[str]:
    """Each name once in the experiment's order; names that it does not know last, as they come.

    Stages are named like systems, without the spaces around the plus.
    """
    places = {_tight(name): place for place, name in enumerate(run.systems)}
    return sorted(dict.fromkeys(names), key=lambda name: places.get(_tight(name), len(places)))


def _tight(name: str) -> str:
    return name.replace(" + ", "+")


def tokenizer_names(run: RunData) -> list[str]:
    """Tokenizers with records of their own; a codec has none but those of its qualities."""
    whole = (record for record in run.records if not PARTS & record.settings.keys())
    return in_order((record.tokenizer for record in whole), run)


def system_names(run: RunData) -> list[str]:
    """Complete systems with records."""
    return in_order((record.system for record in run.records if record.prior is not None), run)


def parts_of(run: RunData) -> dict[str, tuple[str, str | None]]:
    """Tokenizer and prior by the name of the system."""
    return {record.system: (record.tokenizer, record.prior) for record in run.records}


def to_frame(records: Sequence[Record]) -> pd.DataFrame:
    """One row a record in full precision, without raw values; settings as JSON.

    `ci95` covers other images and other trainings, `image_ci95` of several seeds images alone.
    """
    rows = []
    for record in records:
        row = record.model_dump(exclude=NESTED)
        row["ci95_low"], row["ci95_high"] = record.ci95 or (None, None)
        row["image_ci95_low"], row["image_ci95_high"] = record.image_ci95 or (None, None)
        row["seeds"] = " ".join(map(str, record.seeds))
        row["seed_sd"] = record.seed_sd
        row["settings"] = json.dumps(record.settings, sort_keys=True)
        rows.append(row)
    return pd.DataFrame(rows)
