"""Quality of samples against the speed of sampling: one point a system."""

from collections.abc import Sequence
from pathlib import Path
from textwrap import fill

from matplotlib.axes import Axes

from rqbench.api import Drawn, Record, Report, RunData

from .figure import PAGE_IN, error_bars, legend_below, looks, panels, paper_style, plain_log, save
from .frame import main_records, repeat_range, system_names, tokenizer_names
from .wording import axis_label, extractor_of, wording

SPEED = "sampling_images_per_s"


class QualitySpeed(Report):
    """Fréchet and kernel distance of samples over images per second; down and right is better."""

    order = 30

    def draw(self, run: RunData, folder: Path) -> Drawn:
        main = main_records(run.records)
        systems = [name for name in system_names(run) if (name, SPEED) in main]
        metrics = [
            metric
            for metric in sorted({metric for name, metric in main if name in systems})
            if extractor_of(metric) and wording(metric).title in {"FID", "FD", "KID"}
        ]
        if not systems or not metrics:
            return Drawn([])
        with paper_style():
            columns = min(len(metrics), 2)
            figure, axes = panels(1, len(metrics), PAGE_IN * columns / 2, 3.1)
            for axis, metric in zip(axes, metrics, strict=True):
                _panel(axis, run, main, metric, systems)
            note = fill(bars_note([main[name, SPEED] for name in systems]), 60 * columns)
            figure.suptitle(note, fontsize=7, color="#555555", x=0.01, ha="left")
            legend_below(figure, axes, systems, per_row=columns)
            return Drawn(save(figure, folder / "figures", "quality-speed"))


def _panel(
    axis: Axes,
    run: RunData,
    main: dict[tuple[str, str], Record],
    metric: str,
    systems: list[str],
) -> None:
    """Colour and marker tell the tokenizer; a hollow marker its second and further priors."""
    styles = looks(tokenizer_names(run))
    seen: set[str] = set()
    for name in systems:
        score, speed = main.get((name, metric)), main[name, SPEED]
        if score is None:
            continue
        look = styles[score.tokenizer]
        axis.errorbar(
            speed.value, score.value, fmt=look.marker, color=look.colour, elinewidth=0.8, capsize=2,
            xerr=_range(speed), yerr=error_bars(score), label=name,
            markerfacecolor="white" if score.tokenizer in seen else look.colour,
        )  # fmt: skip
        seen.add(score.tokenizer)
    axis.set_xscale("log")
    plain_log(axis.xaxis)
    axis.margins(x=0.1, y=0.1)
    axis.set_xlabel(f"{axis_label(SPEED, True)}{_how(main, systems)}")
    axis.set_ylabel(axis_label(metric, False))


def _range(record: Record) -> list[list[float]] | None:
    """From the slowest to the fastest repeat."""
    repeats = repeat_range(record)
    if repeats is None:
        return None
    return [[max(record.value - repeats[0], 0)], [max(repeats[1] - record.value, 0)]]


def bars_note(speeds: Sequence[Record]) -> str:
    """What the bars are: the two directions do not mean the same."""
    counts = {len(record.raw or ()) for record in speeds if repeat_range(record)}
    across = f"of speed, the range of {'/'.join(map(str, sorted(counts)))} repeats; "
    return f"Bars: {across if counts else ''}of distance, the 95% interval."


def _how(main: dict[tuple[str, str], Record], systems: list[str]) -> str:
    """Batch and device, where all systems share them."""
    settings = {
        (s.get("batch"), s.get("device")) for s in (main[n, SPEED].settings for n in systems)
    }
    if len(settings) != 1:
        return ""
    batch, device = settings.pop()
    said = [f"batch {batch}" if batch else "", str(device or "")]
    return "\n" + ", ".join(part for part in said if part)
