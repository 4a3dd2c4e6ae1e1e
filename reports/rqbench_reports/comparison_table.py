"""The comparison table: what each system spends, what it gives, and which differences are real."""

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from rqbench.api import Drawn, Record, Report, RunData

from .bold import EQUAL, rules, standing
from .foot import Marks, footnotes
from .frame import (
    half_width,
    main_records,
    parts_of,
    repeat_range,
    system_names,
    to_frame,
    tokenizer_names,
)
from .publish import publish
from .rate_order import Find, rate_remarks
from .speed_rows import without_speed
from .table import Cell, Heading, Table
from .wording import DASH, decimals, number, wording


@dataclass(frozen=True)
class Plan:
    """What one table shows.

    Attributes:
        first: heading of the rows' names.
        metrics: patterns of metric names, in the order of the columns.
        borrows: whether a system's row may show its tokenizer's own numbers.
        note: the first line of the foot, where there is something to say of all rows.
        remarks: lines for the foot about what some rows hold.
        is_trained: whether rows were trained here, so that their seeds matter.
    """

    name: str
    title: str
    first: str
    metrics: Sequence[str]
    borrows: bool = False
    note: str = ""
    remarks: Callable[[Sequence[str], Find], list[str]] = lambda rows, find: []
    is_trained: bool = True


TOKENIZERS = Plan(
    "tokenizers",
    "Tokenizers: rate and distortion on held-out images",
    "Tokenizer",
    (
        *("codes_per_image", "rate_nominal_bpp", "rate_empirical_bpp"),
        *("psnr_db", "ssim", "ms_ssim", "lpips", "st_lpips"),
        *("rfid", "rfd_.+", "rkid", "rkid_.+"),
    ),
)
RATES = Plan(
    "rates",
    "Rates: bits per pixel of held-out images",
    "System",
    (
        *("rate_nominal_bpp", "rate_empirical_bpp", "rate_prior_bpp", "rate_prior_side_bpp"),
        *("rate_coded_bpp", "coding_overhead_bytes"),
    ),
    borrows=True,
    remarks=rate_remarks,
)
SYSTEMS = Plan(
    "systems",
    "Systems: rate under the prior, samples, speed",
    "System",
    (
        *("codes_per_image", "rate_prior_bpp"),
        *("fid", "fd_(?!corrected_).+", "fid_corrected", "fd_corrected_.+", "kid", "kid_.+"),
        *("inception_score", "is_.+", "precision", "precision_.+", "recall", "recall_.+"),
        *("sampling_images_per_s", "floor_ratio"),
    ),
    borrows=True,
)
COST = Plan(
    "cost",
    "Cost: size, operations, time and memory",
    "Part",
    (
        *("parameters", "macs", "training_s", "decoder_ms_per_image", "prior_ms_per_image"),
        *("energy_j_per_image", "peak_memory_bytes"),
    ),
    note="Parameters and training time: of a system its prior's alone; of a tokenizer its own.",
)
SCORES = Plan(
    "scores",
    "Scores: pictures against a reference",
    "Pictures",
    (
        *("fid", "fid_corrected", "fid_infinity", "sfid", "fd_.+", "kid", "kid_.+"),
        *("inception_score", "is_.+"),
    ),
    note="Differences of two sets, with p-values, are in fidelity.json.",
    is_trained=False,
)
NEIGHBOURS = Plan(
    "neighbours",
    "Neighbours: pictures among those of a reference, and near training pictures",
    "Pictures",
    (
        *("precision", "precision_.+", "recall", "recall_.+"),
        *("density", "density_.+", "coverage", "coverage_.+"),
        *("nearer_to_training_share", "training_copies_share"),
    ),
    is_trained=False,
)


class ComparisonTable(Report):
    """Tables on paper (tokenizers, rates, systems, cost) and one wide CSV with a row a system."""

    order = 10

    def draw(self, run: RunData, folder: Path) -> Drawn:
        run = without_speed(run)
        if not run.records:
            return Drawn([])
        tokenizers, systems = tokenizer_names(run), system_names(run)
        plans = (
            (TOKENIZERS, tokenizers), (RATES, systems), (SYSTEMS, systems),
            (SCORES, tokenizers),
            (NEIGHBOURS, tokenizers), (COST, [*tokenizers, *systems]),
        )  # fmt: skip
        tables = [table for plan, rows in plans if (table := build(plan, rows, run)) is not None]
        csv = {
            "comparison": wide_frame(run).to_csv(index=False),
            "records": to_frame(run.records).to_csv(index=False),
        }
        return publish(tables, folder, csv)


def build(plan: Plan, rows: Sequence[str], run: RunData) -> Table | None:
    """One table; columns that nobody measured are left out, and None where none is left."""
    main, parts = main_records(run.records), parts_of(run)

    def found(row: str, metric: str) -> Record | None:
        own = main.get((row, metric))
        return own or (main.get((parts[row][0], metric)) if plan.borrows else None)

    columns = {
        metric: records
        for metric in _matching(plan.metrics, (record.metric for record in run.records))
        if any(records := [found(row, metric) for row in rows])
    }
    if not columns:
        return None
    marks = Marks()
    filled = [_column(metric, records, marks) for metric, records in columns.items()]
    return Table(
        plan.name,
        plan.title,
        [Heading(plan.first), *(_heading(metric, columns[metric]) for metric in columns)],
        [[Cell(row), *cells] for row, *cells in zip(rows, *filled, strict=True)],
        [
            *([plan.note] if plan.note else []),
            *plan.remarks(rows, found),
            *footnotes(list(columns.values()), marks, run, plan.is_trained),
            *_rules(filled),
        ],
    )


def wide_frame(run: RunData) -> pd.DataFrame:
    """One row a complete system, or a tokenizer that has no prior; full precision.

    Columns are `tokenizer.METRIC` and `system.METRIC`, since both halves may have, say, their own
    `parameters`. Each has `.low` and `.high` of its 95% interval where it has one; of several seeds
    also `.image_low` and `.image_high`, the interval of images alone, and `.seed_sd`.
    """
    main, parts = main_records(run.records), parts_of(run)
    systems = system_names(run)
    used = {parts[name][0] for name in systems}
    rows = []
    for name in [*systems, *(name for name in tokenizer_names(run) if name not in used)]:
        tokenizer, prior = parts.get(name, (name, None))
        row: dict[str, str | float | None] = {
            "system": name,
            "tokenizer": tokenizer,
            "prior": prior,
        }
        for (owner, metric), record in main.items():
            if owner not in (name, tokenizer):
                continue
            key = f"{'tokenizer' if record.prior is None else 'system'}.{metric}"
            row[key] = record.value
            if record.ci95:
                row[f"{key}.low"], row[f"{key}.high"] = record.ci95
            if record.image_ci95:
                row[f"{key}.image_low"], row[f"{key}.image_high"] = record.image_ci95
            if record.seed_sd is not None:
                row[f"{key}.seed_sd"] = record.seed_sd
        rows.append(row)
    return pd.DataFrame(rows)


def _matching(patterns: Iterable[str], metrics: Iterable[str]) -> list[str]:
    """The metrics that there are, in the order of the patterns."""
    known = sorted(set(metrics))
    return [name for pattern in patterns for name in known if re.fullmatch(pattern, name)]


def _heading(metric: str, records: Sequence[Record | None]) -> Heading:
    better = next(record.higher_is_better for record in records if record)
    arrow = {True: "↑", False: "↓", None: ""}[better]
    return Heading(wording(metric).title, wording(metric).unit, arrow)


def _column(metric: str, records: Sequence[Record | None], marks: Marks) -> list[Cell]:
    places = decimals(metric, [record.value for record in records if record])
    stands = standing(metric, records)
    odd = marks.of_column(records)
    return [
        Cell(DASH)
        if record is None
        else Cell(
            number(record.value / wording(metric).scale, places),
            _spread(record, places),
            bold=row in stands.bold,
            mark=EQUAL if row in stands.equal else odd[row],
        )
        for row, record in enumerate(records)
    ]


def _rules(columns: Sequence[Sequence[Cell]]) -> list[str]:
    cells = [cell for column in columns for cell in column]
    return rules(any(cell.bold for cell in cells), any(cell.mark == EQUAL for cell in cells))


def _spread(record: Record, places: int) -> str:
    """`±` the longer side of the interval; of a timing the range of its repeats."""
    scale = wording(record.metric).scale
    repeats = repeat_range(record)
    if repeats:
        return DASH.join(number(end / scale, places) for end in repeats)
    half = half_width(record)
    return f"±{number(half / scale, places)}" if half else ""
