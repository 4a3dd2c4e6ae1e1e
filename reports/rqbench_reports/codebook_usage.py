"""Codebook usage: how much of each codebook the training codes use, and how evenly."""

from collections import Counter
from pathlib import Path

import pandas as pd
import seaborn as sns

from rqbench.api import Drawn, Record, Report, RunData, settings_text

from .figure import PAGE_IN, looks, panels, paper_style, save
from .frame import tokenizer_names
from .wording import axis_label, wording

METRICS = ("codebook_usage", "codebook_perplexity")


class CodebookUsage(Report):
    """Bars for each tokenizer: all its codes, then each depth and each grain."""

    order = 50

    def draw(self, run: RunData, folder: Path) -> Drawn:
        frame = usage_frame(run)
        metrics = [metric for metric in METRICS if metric in set(frame.get("metric", ()))]
        if not metrics:
            return Drawn([])
        colours = {name: look.colour for name, look in looks(tokenizer_names(run)).items()}
        rows = frame["part"].nunique()
        with paper_style():
            figure, axes = panels(1, len(metrics), PAGE_IN, 0.7 + 0.19 * rows)
            for axis, metric in zip(axes, metrics, strict=True):
                sns.barplot(
                    frame[frame["metric"] == metric], x="value", y="part", hue="tokenizer",
                    palette=colours, order=list(dict.fromkeys(frame["part"])), dodge=False,
                    legend=False, errorbar=None, width=0.75, saturation=1, ax=axis,
                )  # fmt: skip
                for bars in axis.containers:
                    axis.bar_label(bars, fmt="%.3g", padding=2, fontsize=7)  # type: ignore[arg-type]
                axis.margins(x=0.14)
                axis.grid(False, axis="y")
                axis.set_xlabel(_axis(metric))
                axis.set_ylabel("")
            for axis in axes[1:]:
                axis.tick_params(labelleft=False)
            return Drawn(save(figure, folder / "figures", "codebook-usage"))


def usage_frame(run: RunData) -> pd.DataFrame:
    """One row a bar: tokenizer, part ("rq-8x8x4", "rq-8x8x4, depth=2"), metric and shown value.

    A part is left out where it is the whole: the only depth, or the only grain.
    """
    rows = []
    for name in tokenizer_names(run):
        for metric in METRICS:
            for record in sorted(_parts(run, name, metric), key=_place):
                rows.append(
                    {
                        "tokenizer": name,
                        "part": _part(record),
                        "metric": metric,
                        "value": record.value / wording(metric).scale,
                    }
                )
    return pd.DataFrame(rows)


def _parts(run: RunData, name: str, metric: str) -> list[Record]:
    own = [record for record in run.records if (record.system, record.metric) == (name, metric)]
    siblings = Counter(frozenset(record.settings) for record in own)
    return [r for r in own if not r.settings or siblings[frozenset(r.settings)] > 1]


def _part(record: Record) -> str:
    return f"{record.system}: {settings_text(record.settings) or 'all'}"


def _place(record: Record) -> tuple[int, str]:
    return len(record.settings), settings_text(record.settings)


def _axis(metric: str) -> str:
    return "share of the codebook used (%)" if metric == "codebook_usage" else axis_label(metric)
