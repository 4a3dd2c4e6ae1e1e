"""What all plots share: sizes, style, colours that keep to a name, and saving.

Figures are built without pyplot, so that drawing a report changes no global state of matplotlib.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import matplotlib
from matplotlib.axes import Axes
from matplotlib.axis import Axis
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, LogLocator, NullFormatter

from rqbench.api import Record

COLUMN_IN = 3.3
"""Width of one column of a two-column paper, in inches."""

PAGE_IN = 6.8
"""Width of both columns."""

# Okabe and Ito's palette for all kinds of colour vision, without yellow, too pale for a line
PALETTE = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000")
MARKERS = ("o", "s", "^", "D", "v", "P", "X")
DASHES = ("-", "--", ":", "-.")

STYLE: Any = {  # rcParams, whose keys are literals to the type checker
    "font.family": "DejaVu Sans",  # ships with matplotlib: the same figure on every machine
    "font.size": 8,
    "axes.labelsize": 8,
    "axes.titlesize": 8,
    "xtick.labelsize": 7,
    "ytick.labelsize": 7,
    "legend.fontsize": 7,
    "legend.frameon": False,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "axes.axisbelow": True,
    "grid.color": "#E3E3E3",
    "grid.linewidth": 0.6,
    "axes.linewidth": 0.7,
    "lines.linewidth": 1.2,
    "lines.markersize": 4.5,
    "pdf.fonttype": 42,  # TrueType: journals refuse Type 3 fonts
}


@dataclass(frozen=True)
class Look:
    """Colour, marker and dash of one name, in every figure of a report."""

    colour: str
    marker: str
    dash: str


def looks(names: Sequence[str]) -> dict[str, Look]:
    """A look for each name by its place; after seven names the colours come again, dashed."""
    count = len(PALETTE)
    return {
        name: Look(
            PALETTE[place % count],
            MARKERS[(place + place // count) % len(MARKERS)],
            DASHES[place // count % len(DASHES)],
        )
        for place, name in enumerate(names)
    }


GREYS = (
    Look("#444444", ".", "-"), Look("#777777", ".", "--"), Look("#777777", ".", ":"),
    Look("#AAAAAA", ".", "-"),
)  # fmt: skip
"""Of what stands beside tokenizers for orientation."""


@contextmanager
def paper_style() -> Iterator[None]:
    """The style of all figures, for creating and for saving them."""
    with matplotlib.rc_context(STYLE):
        yield


def panels(
    rows: int, columns: int, width_in: float, panel_height_in: float
) -> tuple[Figure, list[Axes]]:
    """A figure of equal panels, row after row, that keeps labels inside its edges."""
    figure = Figure(figsize=(width_in, rows * panel_height_in), layout="constrained")
    return figure, list(figure.subplots(rows, columns, squeeze=False).flat)


def error_bars(record: Record) -> list[list[float]] | None:
    """Lengths of the 95% interval below and above the value, as far as the value can be so low or
    high; None where it is not bounded."""
    if record.ci95 is None or not record.ci95[1] - record.ci95[0] < float("inf"):
        return None
    low, high = record.possible_ci95 or record.ci95
    return [[max(record.value - low, 0)], [max(high - record.value, 0)]]


def legend_below(
    figure: Figure, axes: Sequence[Axes], first: Sequence[str] = (), per_row: int = 4
) -> None:
    """One legend under all panels, where it covers no data; each name once, `first` leading."""
    entries: dict[str, Any] = {}
    for axis in axes:
        for handle, name in zip(*axis.get_legend_handles_labels(), strict=True):
            entries.setdefault(name, handle)
    names = [*(name for name in first if name in entries), *(n for n in entries if n not in first)]
    if names:
        figure.legend(
            [entries[name] for name in names],
            names,
            loc="outside lower center",
            ncols=min(len(names), per_row),
        )


def plain_log(axis: Axis) -> None:
    """A logarithmic axis with ticks at 1, 2 and 5, written as plain numbers."""
    axis.set_major_locator(LogLocator(subs=(1, 2, 5)))
    axis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
    axis.set_minor_formatter(NullFormatter())


def save(figure: Figure, folder: Path, name: str) -> list[Path]:
    """Write PNG (200 dpi) and PDF below `folder`; the same data give the same bytes."""
    folder.mkdir(parents=True, exist_ok=True)
    png, pdf = folder / f"{name}.png", folder / f"{name}.pdf"
    figure.savefig(png, dpi=200, metadata={"Software": None})
    figure.set_layout_engine("none")  # it is laid out now: once more would cost a second
    figure.savefig(pdf, metadata={"CreationDate": None})
    return [png, pdf]
