"""Nearest-training sheets: samples, and held-out images beside them, above their nearest crops."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from jaxtyping import UInt8
from numpy import ndarray

from rqbench.api import Drawn, Record, Report, RunData

from .frame import in_order, main_records, system_names
from .plan import Plan, build
from .publish import publish
from .sheet import Strip, enlarge, scale_for, slug, write_sheet

ROWS = {  # of the names of pictures: what stands at the left, and how distances are written
    "codes": ("closest by codes", "codes that differ", "{:.0%}"),
    "features": ("closest by features", "distance of features", "{:.1f}"),
    "first": ("the first ones", "distance of features", "{:.1f}"),
}
COLUMNS, SHOWN_PX = 6, 96
SHARES = Plan(
    "nearest-training",
    "Nearest training crops: are samples copies?",
    "System",
    (
        *("nearer_to_training_share", "training_copies_share"),
        *("nearer_to_training_codes_share", "training_code_copies_share"),
    ),
    note="Nearer to training: of pairs of a sample and a held-out image, those in which the sample "
    "lies nearer to its nearest training crop: 50% where alike, 100% where all are copies; below "
    "50% samples are unlike all training crops, be they new or broken. Held-out images have gone "
    "through the same tokenizer, whose blur would else make samples the nearer ones. Copies: "
    "samples nearer than every held-out image. Near by features, or by equal codes: these find "
    "copies through any tokenizer, features only through a faithful one. Held-out strips of the "
    "training photographs (in-scene) are a milder yardstick than new scenes.",
)


class NearestSheet(Report):
    """A sheet for each system, and a table: are samples anything that training has not shown?"""

    order = 65

    def draw(self, run: RunData, folder: Path) -> Drawn:
        measured = main_records(run.records)
        table = build(SHARES, system_names(run), run)
        files = [*publish([table], folder, {}).files] if table else []
        for name in in_order(run.pictures, run):
            strips = _strips(run.pictures[name])
            if strips:
                path = folder / "pictures" / f"nearest-{slug(name)}.png"
                files.append(write_sheet(path, _title(name, measured), strips))
        return Drawn(files)


def _strips(pictures: Mapping[str, Any]) -> list[Strip]:
    """Two rows for each group that was kept: images, and their nearest crops with distances."""
    strips = []
    for which, (title, unit, form) in ROWS.items():
        if f"nearest/samples/{which}/images" not in pictures:
            continue

        def both(part: str, which: str = which) -> list[Any]:
            groups = (f"nearest/{group}/{which}/{part}" for group in ("samples", "held-out"))
            return [pictures[name][:COLUMNS] for name in groups]

        notes = [[form.format(distance) for distance in side] for side in both("distances")]
        strips += [
            Strip(title, "", _side_by_side(both("images"))),
            Strip("", f"nearest training\ncrop; {unit}", _side_by_side(both("crops")),
                  [*notes[0], "", *notes[1]]),
        ]  # fmt: skip
    return strips


def _side_by_side(sides: list[UInt8[ndarray, "_ H W 3"]]) -> UInt8[ndarray, "n sH sW 3"]:
    """Samples at the left, held-out images at the right, a white picture between them."""
    left, right = (enlarge(side, scale_for(side.shape[1], SHOWN_PX)) for side in sides)
    return np.concatenate([left, np.full_like(left[:1], 255), right])


def _title(name: str, measured: Mapping[tuple[str, str], Record]) -> str:
    """The system and, where recorded, how often its samples are the nearer ones; a line each."""
    said = [
        f"{name}: samples (left) and held-out images through the same tokenizer (right), with "
        "their nearest training crops"
    ]
    metrics = {"features": SHARES.metrics[:2], "codes": SHARES.metrics[2:]}
    for space, (nearer, copies) in metrics.items():
        if (name, nearer) in measured and (name, copies) in measured:
            said.append(
                f"by {space}: samples are nearer in {_percent(measured[name, nearer])} of pairs, "
                f"and nearer than every held-out image {_percent(measured[name, copies])}"
            )
    return "\n".join(said)


def _percent(record: Record) -> str:
    """The share with its interval, where that is bounded."""
    low, high = record.ci95 or (float("-inf"), float("inf"))
    interval = f" [{low:.0%}, {high:.0%}]" if high - low <= 1 else ""
    return f"{record.value:.0%}{interval}"
