"""Codebook usage: how much of each codebook the training codes use, and how evenly."""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from textwrap import fill

from matplotlib.axes import Axes

from rqbench.api import Drawn, Record, Report, RunData, settings_text

from .figure import PAGE_IN, looks, panels, paper_style, save
from .frame import tokenizer_names
from .hollow import PAPER, hollow_notes, other_terms
from .pairing import terms
from .wording import axis_label, wording

METRICS = ("codebook_usage", "codebook_perplexity")


class CodebookUsage(Report):
    """Bars for each tokenizer: all its codes, then each depth and each grain."""

    order = 50

    def draw(self, run: RunData, folder: Path) -> Drawn:
        shown = {metric: found for metric in METRICS if (found := bars(run, metric))}
        if not shown:
            return Drawn([])
        colours = {name: look.colour for name, look in looks(tokenizer_names(run)).items()}
        everything = [record for records in shown.values() for record in records]
        parts = list(dict.fromkeys(map(part, everything)))
        odd = {metric: other_terms(records) for metric, records in shown.items()}
        hollow = [record for record in everything if terms(record) in odd[record.metric]]
        notes = [fill(note, 120) for note in hollow_notes(hollow)]
        with paper_style():
            height_in = 0.7 + 0.19 * len(parts) + 0.12 * "\n".join(notes).count("\n")
            figure, axes = panels(1, len(shown), PAGE_IN, height_in + 0.2 * bool(notes))
            for axis, (metric, records) in zip(axes, shown.items(), strict=True):
                _draw_bars(axis, records, parts, colours, odd[metric])
                axis.set_xlabel(_axis(metric))
            for axis in axes[1:]:
                axis.tick_params(labelleft=False)
            if notes:
                figure.suptitle("\n".join(notes), fontsize=7, color="#555555", x=0.01, ha="left")
            return Drawn(save(figure, folder / "figures", "codebook-usage"))


def bars(run: RunData, metric: str) -> list[Record]:
    """A record a bar: of each tokenizer all codes, then each depth and grain.

    A part is left out where it is the whole: the only depth, or the only grain.
    """
    return [
        record
        for name in tokenizer_names(run)
        for record in sorted(_parts(run, name, metric), key=_place)
    ]


def part(record: Record) -> str:
    """What a bar is of, such as "rq-8x8x4: all" or "rq-8x8x4: depth=2"."""
    return f"{record.system}: {settings_text(record.settings) or 'all'}"


def _draw_bars(
    axis: Axes,
    records: Sequence[Record],
    parts: Sequence[str],
    colours: Mapping[str, str],
    odd: Collection[tuple[str, ...]],
) -> None:
    """One bar a part, the first one on top; hollow where its terms are odd."""
    edges = [colours[record.system] for record in records]
    drawn = axis.barh(
        [parts.index(part(record)) for record in records],
        [record.value / wording(record.metric).scale for record in records],
        height=0.75,
        color=[
            PAPER if terms(record) in odd else edge
            for record, edge in zip(records, edges, strict=True)
        ],
        edgecolor=edges,
    )
    axis.bar_label(drawn, fmt="%.3g", padding=2, fontsize=7)
    axis.set_yticks(range(len(parts)), parts)
    axis.set_ylim(len(parts) - 0.5, -0.5)
    axis.margins(x=0.14)
    axis.grid(False, axis="y")


def _parts(run: RunData, name: str, metric: str) -> list[Record]:
    own = [record for record in run.records if (record.system, record.metric) == (name, metric)]
    siblings = Counter(frozenset(record.settings) for record in own)
    return [r for r in own if not r.settings or siblings[frozenset(r.settings)] > 1]


def _place(record: Record) -> tuple[int, str]:
    return len(record.settings), settings_text(record.settings)


def _axis(metric: str) -> str:
    return "share of the codebook used (%)" if metric == "codebook_usage" else axis_label(metric)
