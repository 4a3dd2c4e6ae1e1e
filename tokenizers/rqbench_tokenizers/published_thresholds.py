"""The thresholds that the published entropy router was released with.

They are percentiles of the entropies of three image sets, in the file beside this one. They were
made with bins on [0, 1], and the released code has had bins on [-1, 1] since: shares of fine
regions are nominal, and right for the first kind alone.

Source: Huang et al. 2023, arXiv:2305.11718, and its published code.
"""

import csv
from functools import cache
from importlib.resources import files
from typing import Literal

from rqbench.api import ConfigError

Table = Literal["imagenet-train", "imagenet-val", "ffhq-train"]
RowRule = Literal["nearest", "truncated"]


@cache
def published_tables() -> dict[str, dict[int, float]]:
    """By name of the image set and row, which is the percentile."""
    text = (files(__package__) / "published_thresholds.csv").read_text()
    rows = list(csv.DictReader(line for line in text.splitlines() if not line.startswith("#")))
    names = [name for name in rows[0] if name != "row"]
    return {name: {int(row["row"]): float(row[name]) for row in rows} for name in names}


def row_of(ratio: float, rule: RowRule) -> int:
    """The percentile that a share of regions exceeds. The published code truncates it, and so takes
    44 for 0.55 and 43 for 0.56; for other hundredths both rules agree."""
    percentile = 100 - 100 * ratio
    return int(percentile) if rule == "truncated" else round(percentile)


def published_threshold(table: Table, ratio: float, rule: RowRule = "nearest") -> float:
    """The entropy that a nominal share of 16x16 patches exceeds.

    Raises:
        ConfigError: a share whose row is not in the file.
    """
    rows, row = published_tables()[table], row_of(ratio, rule)
    if row not in rows:
        raise ConfigError(
            f"The table {table} has no row {row}, which the share {ratio} asks for; it has "
            f"{', '.join(map(str, rows))}. Choose a share that is a multiple of 0.05 from 0.05 to "
            "0.95, with `threshold_row: nearest` where truncation misses it, or give the threshold "
            "itself as `thresholds: [1.68]`."
        )
    return rows[row]
