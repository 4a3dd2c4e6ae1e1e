"""The comparison table: what each system spends, what it gives, and which differences are real."""

from pathlib import Path

import pandas as pd

from rqbench.api import Drawn, Report, RunData

from .fidelity_scores import differences_csv, fidelity_tables
from .frame import main_records, parts_of, system_names, to_frame, tokenizer_names
from .plan import Plan, build
from .publish import publish
from .rate_order import rate_remarks
from .speed_rows import without_speed

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


class ComparisonTable(Report):
    """Tables on paper (tokenizers, rates, systems, cost, scores) and one wide CSV with a row a
    system."""

    order = 10

    def draw(self, run: RunData, folder: Path) -> Drawn:
        run = without_speed(run)
        if not run.records:
            return Drawn([])
        tokenizers, systems = tokenizer_names(run), system_names(run)
        plans = (
            (TOKENIZERS, tokenizers), (RATES, systems), (SYSTEMS, systems),
            (COST, [*tokenizers, *systems]),
        )  # fmt: skip
        tables = [table for plan, rows in plans if (table := build(plan, rows, run)) is not None]
        csv = {
            "comparison": wide_frame(run).to_csv(index=False),
            "records": to_frame(run.records).to_csv(index=False),
            **differences_csv(run.contrasts),
        }
        return publish([*tables, *fidelity_tables(run)], folder, csv)


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
