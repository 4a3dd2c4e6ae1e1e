"""Picture sheets: originals beside reconstructions at each operating point, grain maps, samples."""

import math
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from jaxtyping import UInt8
from numpy import ndarray

from rqbench.api import Drawn, Report, RunData

from .frame import in_order, points
from .grain_overlay import overlay
from .sheet import Strip, enlarge, scale_for, slug, write_sheet

RECONSTRUCTIONS = "reconstructions"
SAMPLES_A_ROW = 8
DIGITS = 1e-5
"""Settings in the names of pictures are rounded to six digits."""


class PictureSheets(Report):
    """A sheet for each tokenizer, one of all tokenizers on the same originals, one of samples."""

    order = 60

    def draw(self, run: RunData, folder: Path) -> Drawn:
        below = folder / "pictures"
        files = [
            _tokenizer_sheet(below, name, pictures, run)
            for name, pictures in _reconstructed(run).items()
        ]
        for path in (_all_tokenizers(below, run), _samples(below, run)):
            if path is not None:
                files.append(path)
        return Drawn(files)


def _tokenizer_sheet(
    below: Path, name: str, pictures: Mapping[str, UInt8[ndarray, "..."]], run: RunData
) -> Path:
    scale = scale_for(pictures["originals"].shape[1])
    originals = enlarge(pictures["originals"], scale)
    strips = [Strip("originals", "", originals)]
    for key in sorted(pictures, key=_place):
        if key.startswith(RECONSTRUCTIONS):
            if key != RECONSTRUCTIONS and np.array_equal(pictures[key], pictures[RECONSTRUCTIONS]):
                continue  # the last prefix is the tokenizer as trained
            settings = key.removeprefix(RECONSTRUCTIONS).strip()
            strips.append(
                Strip(
                    settings or "reconstructions",
                    _caption(run, name, settings),
                    enlarge(pictures[key], scale),
                )
            )
    if "grain_map" in pictures:
        grain_map = pictures["grain_map"].astype(np.int64)
        shares = _grain_shares(run, name)
        num_grains = max(len(shares), int(grain_map.max()) + 1, 2)
        drawn = overlay(originals, grain_map, num_grains)
        strips.append(Strip("grain map", _grain_caption(run, name, num_grains, shares), drawn))
    return write_sheet(below / f"tokenizer-{slug(name)}.png", f"{name}: held-out images", strips)


def _reconstructed(run: RunData) -> dict[str, Mapping[str, UInt8[ndarray, "..."]]]:
    """The pictures of each tokenizer that shows originals and what became of them."""
    return {
        name: run.pictures[name]
        for name in in_order(run.pictures, run)
        if {"originals", RECONSTRUCTIONS} <= run.pictures[name].keys()
    }


def _all_tokenizers(below: Path, run: RunData) -> Path | None:
    """All tokenizers that show the same originals, one row each; None where there is only one."""
    shown = _reconstructed(run)
    if len(shown) < 2:
        return None
    originals = next(iter(shown.values()))["originals"]
    same = {
        name: pictures[RECONSTRUCTIONS]
        for name, pictures in shown.items()
        if np.array_equal(pictures["originals"], originals)
    }
    if len(same) < 2:
        return None
    scale = scale_for(originals.shape[1])
    strips = [Strip("originals", "", enlarge(originals, scale))]
    strips += [
        Strip(name, _caption(run, name, ""), enlarge(images, scale))
        for name, images in same.items()
    ]
    return write_sheet(below / "reconstructions.png", "Reconstructions of held-out images", strips)


def _samples(below: Path, run: RunData) -> Path | None:
    """One row of samples a system, in the order in which they were drawn: nothing is picked."""
    strips = []
    for name in in_order(run.pictures, run):
        if "samples" in run.pictures[name]:
            images = run.pictures[name]["samples"][:SAMPLES_A_ROW]
            title, _, prior = name.partition(" + ")
            caption = f"+ {prior}" if prior else ""
            strips.append(Strip(title, caption, enlarge(images, scale_for(images.shape[1]))))
    if not strips:
        return None
    return write_sheet(below / "samples.png", "Samples, the first ones drawn", strips)


def _caption(
    run: RunData,
    name: str,
    settings: str,
    metrics: tuple[str, ...] = ("rate_nominal_bpp", "psnr_db"),
) -> str:
    """Recorded means at these settings, a line each; nothing where there is no record."""
    words = {
        "rate_nominal_bpp": "{:.3f} bpp nominal",
        "psnr_db": "mean {:.2f} dB",
        "fine_ratio": "mean {:.0%} fine",
    }
    lines = []
    for metric in metrics:
        for record in points(run.records, name, metric).values():
            if _agrees(settings, record.settings):
                lines.append(words[metric].format(record.value))
                break
    return "\n".join(lines)


def _grain_shares(run: RunData, name: str) -> list[float]:
    """Mean shares of the held-out images, one for each grain of the layout; none if unrecorded."""
    found = points(run.records, name, "grain_ratio").values()
    return [each.value for each in found if each.settings.keys() == {"grain"}]


def _grain_caption(run: RunData, name: str, num_grains: int, shares: Sequence[float]) -> str:
    """What the tint means, and the mean shares where they are recorded."""
    if num_grains > 2:
        mean = f"mean {' / '.join(f'{share:.0%}' for share in shares)}" if shares else ""
        return "\n".join(filter(None, ("plain, blue to orange", mean)))
    fine = _caption(run, name, "", ("fine_ratio",))
    return "\n".join(filter(None, ("tinted: fine regions", fine)))


def _agrees(said: str, settings: Mapping[str, Any]) -> bool:
    """Whether "depth=2" is what the settings say; the settings may say more, and more exactly."""
    numbers = _numbers(said)
    if not numbers:
        return not settings
    return numbers.keys() <= settings.keys() and all(
        math.isclose(value, settings[key], rel_tol=DIGITS) for key, value in numbers.items()
    )


def _place(key: str) -> tuple[bool, list[float]]:
    """Operating points by their numbers, the tokenizer as trained last."""
    numbers = list(_numbers(key).values())
    return not numbers, numbers


def _numbers(said: str) -> dict[str, float]:
    """The settings that stand in "reconstructions threshold=1e-05, fine_ratio_target=0.3"."""
    return {key: float(value) for key, value in re.findall(r"(\w+)=([^,\s]+)", said)}
