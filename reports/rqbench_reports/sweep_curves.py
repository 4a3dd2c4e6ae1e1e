"""Sweeps: each metric over the values of a swept key, one line a tokenizer or system.

Colour and marker tell the tokenizer as the experiment names it; a hollow marker, and another dash,
its second and further priors.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from matplotlib.axes import Axes
from matplotlib.ticker import NullFormatter

from rqbench.api import Drawn, Record, Report, RunData

from .figure import (
    DASHES,
    PAGE_IN,
    Look,
    error_bars,
    legend_below,
    looks,
    panels,
    paper_style,
    save,
)
from .frame import in_order, main_records
from .wording import axis_label, extractor_of, wording

FIRST = (
    "psnr_db", "lpips", "st_lpips", "rate_nominal_bpp", "rate_empirical_bpp", "rate_prior_bpp",
    "sampling_images_per_s",
)  # fmt: skip
"""Metrics worth a panel, with Fréchet scores of every extractor."""
FRECHET = frozenset({"FID", "FD", "rFID", "rFD"})

COLUMNS = 3
LOG_FROM = 8
"""Largest over smallest value from which an axis of numbers is logarithmic."""

NOTE = (
    "Bars and bands: 95% intervals. Without markers: what the key does not touch.\n"
    "Colour: the tokenizer. Hollow or another dash, and a little to the right: its second and "
    "further priors or settings."
)

ASIDE = 0.03
"""Share of the axis by which lines of one tokenizer stand apart, to tell their bars apart."""

Main = Mapping[tuple[str, str], Record]


@dataclass(frozen=True)
class Line:
    """One name of the experiment along one key, at fixed values of the other keys."""

    base: str
    """The name in the experiment."""

    label: str
    """The same, with values of the other keys where they make a difference."""

    points: Sequence[tuple[Any, str]]
    """Value, and what the tokenizer or system is called there."""

    @property
    def is_swept(self) -> bool:
        return len({name for _, name in self.points}) > 1

    @property
    def tokenizer(self) -> str:
        return self.base.partition(" + ")[0]


@dataclass(frozen=True)
class Style:
    """How a line looks."""

    look: Look
    """Of its tokenizer."""

    place: int
    """Among the tokenizer's lines that stand in one panel: 0 for itself and its first prior."""

    @property
    def dash(self) -> str:
        return DASHES[self.place % len(DASHES)]

    @property
    def level_dash(self) -> str:
        """Of a line that the key does not touch."""
        return DASHES[1 + self.place % (len(DASHES) - 1)]

    @property
    def fill(self) -> str:
        return "white" if self.place else self.look.colour


class SweepCurves(Report):
    """A figure for each swept key; what the key does not touch is a level line."""

    order = 22

    def draw(self, run: RunData, folder: Path) -> Drawn:
        files: list[Path] = []
        main = main_records(run.records)
        for key in dict.fromkeys(key for point in run.sweep for key in point["values"]):
            lines = _in_order(lines_along(run.sweep, key), run)
            metrics = _metrics(main, lines)
            if metrics:
                files += _figure(folder, key, lines, metrics, main)
        return Drawn(files)


def lines_along(sweep: Sequence[Mapping[str, Any]], key: str) -> list[Line]:
    """One line for each name and each combination of the other keys' values.

    Of merged runs, one may sweep what another does not.
    """
    sweep = [point for point in sweep if key in point["values"]]
    groups: dict[tuple[str, str], list[tuple[Any, str]]] = {}
    for point in sweep:
        others = {other: value for other, value in point["values"].items() if other != key}
        text = ", ".join(f"{name.rpartition('.')[2]}={value}" for name, value in others.items())
        for base, name in point["names"].items():
            label = base if _alike(sweep, base, key) else f"{base} ({text})"
            value = point["values"][key]
            value = str(value) if isinstance(value, (list, dict)) else value
            groups.setdefault((base, label), []).append((value, name))
    return [
        Line(base, label, list(dict.fromkeys(points))) for (base, label), points in groups.items()
    ]


def styles_of(lines: Sequence[Line]) -> dict[str, Style]:
    """By label; of a tokenizer, the line of itself and that of its first prior look alike, since
    no panel has both."""
    by_tokenizer = looks(list(dict.fromkeys(line.tokenizer for line in lines)))
    seen: dict[tuple[str, bool], int] = {}
    styles = {}
    for line in lines:
        kind = line.tokenizer, line.base == line.tokenizer
        place = seen[kind] = seen.get(kind, -1) + 1
        styles[line.label] = Style(by_tokenizer[line.tokenizer], place)
    return styles


def _in_order(lines: Sequence[Line], run: RunData) -> list[Line]:
    """Lines in the experiment's order; the index that names them is sorted by name."""
    places = in_order([*run.systems, *(name for line in lines for _, name in line.points)], run)
    return sorted(lines, key=lambda line: places.index(line.points[0][1]))


def _alike(sweep: Sequence[Mapping[str, Any]], base: str, key: str) -> bool:
    """Whether no other key than this one changes the name."""
    by_value: dict[str, set[str]] = {}
    for point in sweep:
        if base in point["names"]:
            by_value.setdefault(repr(point["values"][key]), set()).add(point["names"][base])
    return all(len(names) == 1 for names in by_value.values())


def _metrics(main: Main, lines: Sequence[Line]) -> list[str]:
    """Those that at least two points of a swept line have."""
    count: dict[str, int] = {}
    for line in lines:
        if line.is_swept:
            for _, name in line.points:
                for system, metric in main:
                    count[metric] = count.get(metric, 0) + (system == name)
    scores = sorted(m for m in count if extractor_of(m) and wording(m).title in FRECHET)
    return [metric for metric in (*FIRST, *scores) if count.get(metric, 0) >= 2]


def _figure(
    folder: Path, key: str, lines: Sequence[Line], metrics: Sequence[str], main: Main
) -> list[Path]:
    styles = styles_of(lines)
    columns = min(COLUMNS, len(metrics))
    rows = math.ceil(len(metrics) / columns)
    with paper_style():
        figure, axes = panels(rows, columns, PAGE_IN * columns / COLUMNS, 2.2)
        for axis in axes[len(metrics) :]:
            axis.set_visible(False)
        for axis, metric in zip(axes, metrics, strict=False):
            for line in lines:
                _draw(axis, line, metric, main, styles[line.label])
            axis.autoscale(axis="y")  # a level line near the edge gets its margin
            better = next(r.higher_is_better for (_, m), r in main.items() if m == metric)
            axis.set_xlabel(key)
            axis.set_ylabel(axis_label(metric, better))
        legend_below(figure, axes, [line.label for line in lines], per_row=columns)
        figure.suptitle(NOTE, fontsize=7, color="#555555", x=0.01, ha="left")
        return save(figure, folder / "figures", f"sweep-{key.replace('.', '-')}")


def _draw(axis: Axes, line: Line, metric: str, main: Main, style: Style) -> None:
    found = [(value, main[name, metric]) for value, name in line.points if (name, metric) in main]
    if not found:
        return
    look = style.look
    if not line.is_swept:
        _level(axis, found[0][1], line.label, style)
        return
    values = [value for value, _ in found]
    numbers = all(type(value) in {int, float} for value in values)
    places = values if numbers else list(range(len(values)))
    is_log = numbers and min(values) > 0 and max(values) >= LOG_FROM * min(values)
    beside = moved(places, style.place * ASIDE, is_log)
    axis.plot(
        beside, [record.value for _, record in found], style.dash, marker=look.marker,
        color=look.colour, markerfacecolor=style.fill, label=line.label,
    )  # fmt: skip
    for place, (_, record) in zip(beside, found, strict=True):
        axis.errorbar(
            place, record.value, yerr=error_bars(record), color=look.colour, elinewidth=0.8,
            capsize=2,
        )  # fmt: skip
    if is_log:
        axis.set_xscale("log")
        axis.xaxis.set_minor_formatter(NullFormatter())
    axis.set_xticks(places, [f"{v:g}" if numbers else str(v) for v in values])


def moved(places: Sequence[int | float], share: float, is_log: bool) -> list[float]:
    """All to the right by a share of what they span, as a linear or logarithmic axis shows it."""
    low, high = min(places), max(places)
    if is_log:
        return [place * (high / low) ** share for place in places]
    return [place + (high - low) * share for place in places]


def _level(axis: Axes, record: Record, label: str, style: Style) -> None:
    """A line at one value with a band of its interval, where that is bounded."""
    colour = style.look.colour
    axis.axhline(record.value, color=colour, ls=style.level_dash, lw=0.9, label=label)
    if error_bars(record) and record.possible_ci95:
        axis.axhspan(*record.possible_ci95, color=colour, alpha=0.08, lw=0)
