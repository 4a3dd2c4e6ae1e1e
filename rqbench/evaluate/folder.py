"""The folder of an evaluation: records and protocols, a line an image, pictures."""

import csv
import json
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from jaxtyping import UInt8
from PIL import Image
from torch import Tensor

from ..errors import ConfigError
from ..files import check_above, seal
from ..metrics.protocol import Protocol
from ..record import Record
from ..record_folder import write_record_folder
from ..sample.grid import write_grid

FACTS, TABLE, PICTURES, SHEET = "evaluation.json", "images.csv", "reconstructions", "sheet.png"
SHOWN = 8
"""Pictures on the sheet."""


def check_out(out: Path, asked: Mapping[str, Any], reconstructions: bool) -> None:
    """Refuse a place where something else than the same evaluation is.

    Args:
        asked: facts that decide what is measured.
        reconstructions: whether they are wanted; ones that are there are not lost.

    Raises:
        ConfigError: names what is there.
    """
    check_above(out)
    if not out.is_file() and not (out.is_dir() and any(out.iterdir())):
        return
    try:
        written: dict[str, Any] = json.loads((out / FACTS).read_text())
    except (OSError, ValueError):
        raise ConfigError(
            f"{out} is not empty and holds no evaluation of rqbench. Choose another --out."
        ) from None
    plain = json.loads(json.dumps(asked))
    other = [key for key, value in plain.items() if written.get(key) != value]
    if other:
        raise ConfigError(
            f"{out} holds an evaluation with another {' and '.join(other)}. Choose another --out."
        )
    if (out / PICTURES).is_dir() and not reconstructions:
        raise ConfigError(
            f"{out} holds reconstructions, which would be lost. Add --reconstructions, or choose "
            "another --out."
        )


def replace_earlier(out: Path) -> None:
    """Make room for the new one, which is whole by now."""
    if out.is_dir():
        shutil.rmtree(out)


class EvaluationFolder:
    """Files of one evaluation, in the order in which they are written.

    Args:
        reconstructions: write a PNG of each, and a sheet of the first eight below their originals.
    """

    def __init__(self, root: Path, reconstructions: bool) -> None:
        self.root, self.reconstructions = root, reconstructions
        self.names: list[str] = []
        self._shown: list[UInt8[np.ndarray, "two H W 3"]] = []

    def take(
        self,
        names: Sequence[str],
        originals: UInt8[Tensor, "b 3 H W"],
        reconstructions: UInt8[Tensor, "b 3 H W"],
    ) -> None:
        """Write a batch of reconstructions, if they are wanted."""
        if not self.reconstructions:
            return
        pairs = np.stack([originals.numpy(), reconstructions.numpy()], axis=1)
        for name, pair in zip(names, pairs.transpose(0, 1, 3, 4, 2), strict=True):
            path = f"{PICTURES}/{name}" if name.endswith(".png") else f"{PICTURES}/{name}.png"
            (self.root / path).parent.mkdir(parents=True, exist_ok=True)
            Image.fromarray(pair[1]).save(self.root / path)
            self.names.append(path)
            if len(self._shown) < SHOWN and (not self._shown or self._shown[0].shape == pair.shape):
                self._shown.append(pair)

    def write(
        self,
        records: Sequence[Record],
        protocols: Mapping[str, Protocol],
        environment: Mapping[str, Any],
        facts: Mapping[str, Any],
    ) -> None:
        """What `rqbench report` reads, and what is to be known beside it."""
        systems = list(dict.fromkeys(record.system for record in records))
        self.names += write_record_folder(
            self.root, records, protocols, environment, (systems[:1], systems[1:]), (FACTS, facts)
        )

    def write_table(
        self,
        names: Sequence[str],
        sizes: Sequence[tuple[int, int]],
        values: Sequence[Mapping[str, float]],
    ) -> None:
        """A line an image: its name, the size that was measured, and every measure."""
        metrics = list(dict.fromkeys(metric for image in values for metric in image))
        with (self.root / TABLE).open("w", newline="") as file:
            lines = csv.writer(file)
            lines.writerow(["image", "width_px", "height_px", *metrics])
            for name, size, image in zip(names, sizes, values, strict=True):
                lines.writerow([name, *size, *(image.get(metric, "") for metric in metrics)])
        self.names.append(TABLE)

    def close(self) -> None:
        """Draw the sheet and declare the folder complete."""
        if self._shown:
            count = sum(name.startswith(f"{PICTURES}/") for name in self.names)
            cut = f", {len(self._shown)} of {count}" if len(self._shown) < count else ""
            titles = [f"originals{cut}", f"reconstructions{cut}"]
            write_grid(self.root / SHEET, list(np.stack(self._shown, axis=1)), titles)
            self.names.append(SHEET)
        seal(self.root, self.names, {})
