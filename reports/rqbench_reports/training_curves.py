"""Training curves: what each stage logged, over its steps."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import pandas as pd
import seaborn as sns
from matplotlib.axes import Axes

from rqbench.api import Drawn, Report, RunData

from .figure import DASHES, PAGE_IN, Look, legend_below, looks, panels, paper_style, plain_log, save
from .frame import in_order, tokenizer_names

Log = Sequence[Mapping[str, int | float]]

NOT_DRAWN = frozenset({"step", "learning_rate", "elapsed_s"})
LABELS = {
    ("tokenizer", "loss"): "loss, all terms",
    ("prior", "loss"): "loss (nats per cell)",
    ("", "psnr_db"): "PSNR (dB)",
    ("", "pixel"): "pixel loss",
    ("", "perceptual"): "perceptual loss",
    ("", "codebook_usage"): "share of codebook used",
}
ORDER = tuple(dict.fromkeys(key for _, key in LABELS))
COLUMNS = 3


class TrainingCurves(Report):
    """One figure for the tokenizers and one for the priors, a panel for each thing logged."""

    order = 40

    def draw(self, run: RunData, folder: Path) -> Drawn:
        files: list[Path] = []
        for kind in ("tokenizer", "prior"):
            logs = {
                name: log
                for name in in_order((stage.partition("/")[2] for stage in run.training), run)
                if (log := run.training.get(f"{kind}/{name}"))
            }
            if logs:
                files += _figure(kind, logs, run, folder)
        return Drawn(files)


def shared_keys(logs: Mapping[str, Log]) -> list[str]:
    """What at least two stages logged, so that there is something to compare; all of one alone."""
    counts: dict[str, int] = {}
    for log in logs.values():
        for key in dict.fromkeys(key for line in log for key in line):
            counts[key] = counts.get(key, 0) + 1
    least = min(2, len(logs))
    keys = [key for key, count in counts.items() if count >= least and key not in NOT_DRAWN]
    return sorted(keys, key=lambda key: (ORDER.index(key) if key in ORDER else len(ORDER), key))


def to_frame(logs: Mapping[str, Log], key: str) -> pd.DataFrame:
    """Columns stage, step and the value; steps without it are left out."""
    rows = [
        {"stage": stage, "step": line["step"], key: line[key]}
        for stage, log in logs.items()
        for line in log
        if key in line
    ]
    return pd.DataFrame(rows)


def _figure(kind: str, logs: Mapping[str, Log], run: RunData, folder: Path) -> list[Path]:
    keys = shared_keys(logs)
    if not keys:
        return []
    styles = _styles(logs, run)
    columns = 2 if len(keys) == 4 else min(len(keys), COLUMNS)
    rows = -(-len(keys) // columns)
    with paper_style():
        figure, axes = panels(rows, columns, PAGE_IN * max(columns, 2) / COLUMNS, 2.2)
        for axis, key in zip(axes, keys, strict=False):
            _panel(axis, to_frame(logs, key), key, styles)
            axis.set_ylabel(LABELS.get((kind, key), LABELS.get(("", key), key.replace("_", " "))))
        for axis in axes[len(keys) :]:
            axis.remove()
        legend_below(figure, axes[: len(keys)], per_row=3 if kind == "prior" else 4)
        return save(figure, folder / "figures", f"training-{kind}s")


def _styles(logs: Mapping[str, Log], run: RunData) -> dict[str, Look]:
    """Stages take the colour of their tokenizer; several priors of one are told apart by dashes."""
    names = tokenizer_names(run)
    by_tokenizer = looks([*names, *(stage for stage in logs if _tokenizer(stage) not in names)])
    seen: dict[str, int] = {}
    styles = {}
    for stage in logs:
        owner = _tokenizer(stage) if _tokenizer(stage) in names else stage
        place = seen[owner] = seen.get(owner, -1) + 1
        look = by_tokenizer[owner]
        styles[stage] = Look(look.colour, look.marker, DASHES[place % len(DASHES)])
    return styles


def _tokenizer(stage: str) -> str:
    return stage.partition("+")[0].strip()


def _panel(axis: Axes, frame: pd.DataFrame, key: str, styles: Mapping[str, Look]) -> None:
    for stage, part in frame.groupby("stage", sort=False):
        look = styles[str(stage)]
        sns.lineplot(
            part, x="step", y=key, ax=axis, color=look.colour, linestyle=look.dash,
            label=str(stage), errorbar=None, legend=False,
        )  # fmt: skip
    values = frame[key]
    if values.min() > 0 and values.max() > 10 * values.min() and key != "codebook_usage":
        axis.set_yscale("log")
        plain_log(axis.yaxis)
    axis.set_xlabel("step")
