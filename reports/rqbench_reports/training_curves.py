"""Training curves: what each stage logged, over its steps."""

import re
from collections.abc import Collection, Mapping, Sequence
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
    ("prior", "loss"): "loss (nats/code)",
    ("", "bits_per_image"): "bits per image",
    ("", "target_perplexity"): "perplexity of soft targets",
    ("", "psnr_db"): "PSNR (dB)",
    ("", "pixel"): "pixel loss",
    ("", "perceptual"): "perceptual loss",
    ("", "codebook_usage"): "share of codebook used",
}
ORDER = tuple(dict.fromkeys(key for _, key in LABELS))
COLUMNS = 3
OF_SEEDS = "Lines: means over training seeds. Bands: from the lowest to the highest seed."
OF_CODES = "Nats/code: an image's loss over the most codes that its layout can have."
OF_SOFT_TARGETS = "The loss on soft targets is a cross-entropy with them and no likelihood."


class TrainingCurves(Report):
    """One figure for the tokenizers and one for the priors, a panel for each thing logged.

    Of several training seeds it draws their mean, and a band from the lowest to the highest.
    """

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
    """What has a label or was logged by two stages, so that there is something to compare.

    Of a single stage, all.
    """
    stages: dict[str, set[str]] = {}
    for stage, log in logs.items():
        for key in dict.fromkeys(key for line in log for key in line):
            stages.setdefault(key, set()).add(without_seed(stage))
    least = min(2, len(set(map(without_seed, logs))))
    keys = [key for key, own in stages.items() if key in ORDER or len(own) >= least]
    keys = [key for key in keys if key not in NOT_DRAWN]
    return sorted(keys, key=lambda key: (ORDER.index(key) if key in ORDER else len(ORDER), key))


def to_frame(logs: Mapping[str, Log], key: str) -> pd.DataFrame:
    """Columns stage, step and the value; steps without it are left out.

    Every training seed of a stage has its own row.
    """
    rows = [
        {"stage": without_seed(stage), "step": line["step"], key: line[key]}
        for stage, log in logs.items()
        for line in log
        if key in line
    ]
    return pd.DataFrame(rows)


def without_seed(stage: str) -> str:
    """The stage's name as the first training seed has it."""
    return re.sub(r" seed \+\d+$", "", stage)


def soft_stages(logs: Mapping[str, Log]) -> set[str]:
    """Stages that learn soft targets, of which alone the perplexity is logged."""
    return {
        without_seed(stage)
        for stage, log in logs.items()
        if any("target_perplexity" in line for line in log)
    }


def _figure(kind: str, logs: Mapping[str, Log], run: RunData, folder: Path) -> list[Path]:
    keys = shared_keys(logs)
    if not keys:
        return []
    styles, soft = _styles(dict.fromkeys(map(without_seed, logs)), run), soft_stages(logs)
    columns = 2 if len(keys) == 4 else min(len(keys), COLUMNS)
    rows = -(-len(keys) // columns)
    with paper_style():
        figure, axes = panels(rows, columns, PAGE_IN * max(columns, 2) / COLUMNS, 2.2)
        for axis, key in zip(axes, keys, strict=False):
            _panel(axis, to_frame(logs, key), key, styles, soft)
            axis.set_ylabel(LABELS.get((kind, key), LABELS.get(("", key), key.replace("_", " "))))
        for axis in axes[len(keys) :]:
            axis.remove()
        notes = [OF_SEEDS] if len(set(map(without_seed, logs))) < len(logs) else []
        notes += [OF_CODES] if kind == "prior" and "loss" in keys else []
        notes += [OF_SOFT_TARGETS] if soft else []
        if notes:
            figure.suptitle("\n".join(notes), fontsize=7, color="#555555", x=0.01, ha="left")
        fitting = 2 if soft else max(columns, 2)  # names of systems are long
        legend_below(figure, axes[: len(keys)], per_row=fitting + (kind == "tokenizer"))
        return save(figure, folder / "figures", f"training-{kind}s")


def _styles(stages: Collection[str], run: RunData) -> dict[str, Look]:
    """Stages take the colour of their tokenizer; several priors of one are told apart by dashes."""
    names = tokenizer_names(run)
    by_tokenizer = looks([*names, *(stage for stage in stages if _tokenizer(stage) not in names)])
    seen: dict[str, int] = {}
    styles = {}
    for stage in stages:
        owner = _tokenizer(stage) if _tokenizer(stage) in names else stage
        place = seen[owner] = seen.get(owner, -1) + 1
        look = by_tokenizer[owner]
        styles[stage] = Look(look.colour, look.marker, DASHES[place % len(DASHES)])
    return styles


def _tokenizer(stage: str) -> str:
    return stage.partition("+")[0].strip()


def _panel(
    axis: Axes, frame: pd.DataFrame, key: str, styles: Mapping[str, Look], soft: Collection[str]
) -> None:
    for stage, part in frame.groupby("stage", sort=False):
        look = styles[str(stage)]
        sns.lineplot(
            part, x="step", y=key, ax=axis, color=look.colour, linestyle=look.dash,
            label=f"{stage} (soft targets)" if stage in soft else str(stage),
            errorbar=("pi", 100), legend=False,
        )  # fmt: skip
    values = frame[key]
    if values.min() > 0 and values.max() > 10 * values.min() and key != "codebook_usage":
        axis.set_yscale("log")
        plain_log(axis.yaxis)
    axis.set_xlabel("step")
