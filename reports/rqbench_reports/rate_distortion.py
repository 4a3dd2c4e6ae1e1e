"""Rate against distortion: one curve a tokenizer, over nominal and empirical bits per pixel."""

from collections.abc import Sequence
from pathlib import Path
from textwrap import fill

from matplotlib.axes import Axes

from rqbench.api import Drawn, Record, Report, RunData

from .figure import PAGE_IN, Look, error_bars, legend_below, looks, panels, paper_style, save
from .frame import main_records, points, tokenizer_names
from .wording import axis_label

RATES = {
    "rate_nominal_bpp": "nominal rate (bpp, grain map included)",
    "rate_empirical_bpp": "empirical rate (bpp, zero-order entropy)",
}
DISTORTIONS = ("psnr_db", "lpips", "st_lpips")

NOTES = (
    "Bars: 95% intervals of each mean (over seeds too, where there are several), wider than those "
    "of paired differences (see headlines).",
    "Large markers: the tokenizer as trained. Small: prefixes of its stack, or other thresholds.",
)


class RateDistortion(Report):
    """A panel for each rate and distortion; stack prefixes and thresholds make curves."""

    order = 20

    def draw(self, run: RunData, folder: Path) -> Drawn:
        measured = {record.metric for record in run.records}
        rates = [metric for metric in RATES if metric in measured]
        distortions = [metric for metric in DISTORTIONS if metric in measured]
        if not rates or not distortions:
            return Drawn([])
        names = tokenizer_names(run)
        styles = looks(names)
        with paper_style():
            figure, axes = panels(len(distortions), len(rates), PAGE_IN * len(rates) / 2, 2.3)
            places = [(distortion, rate) for distortion in distortions for rate in rates]
            for axis, (distortion, rate) in zip(axes, places, strict=True):
                for name in names:
                    _curve(axis, run.records, name, rate, distortion, styles[name])
                _lines_between(axis, run, rate, distortion)
                better = next(r.higher_is_better for r in run.records if r.metric == distortion)
                axis.set_ylabel(axis_label(distortion, better))
                axis.margins(0.06)
            for axis, rate in zip(axes[-len(rates) :], rates, strict=True):
                axis.set_xlabel(RATES[rate])
            legend_below(figure, axes, names, per_row=2 * len(rates))
            note = "\n".join(fill(line, 60 * len(rates)) for line in NOTES)
            figure.suptitle(note, fontsize=7, color="#555555", x=0.01, ha="left")
            return Drawn(save(figure, folder / "figures", "rate-distortion"))


def curve(
    records: Sequence[Record], name: str, rate: str, distortion: str
) -> list[tuple[str, Record, Record]]:
    """Settings, rate and distortion of each operating point that has both, by rising rate."""
    rates, distortions = points(records, name, rate), points(records, name, distortion)
    both = [(key, rates[key], distortions[key]) for key in rates if key in distortions]
    return sorted(both, key=lambda point: point[1].value)


def _curve(
    axis: Axes, records: Sequence[Record], name: str, rate: str, distortion: str, look: Look
) -> None:
    found = curve(records, name, rate, distortion)
    if len(found) > 1:
        x = [point[1].value for point in found]
        y = [point[2].value for point in found]
        axis.plot(x, y, look.dash, marker=look.marker, markersize=2.8, color=look.colour, lw=1)
    for key, across, up in found:
        if key == "":
            axis.errorbar(
                across.value, up.value, yerr=error_bars(up), xerr=error_bars(across),
                fmt=look.marker, color=look.colour, label=name, elinewidth=0.8, capsize=2,
            )  # fmt: skip


def _lines_between(axis: Axes, run: RunData, rate: str, distortion: str) -> None:
    """The control lines that headlines ask for in this panel."""
    main = main_records(run.records)
    pairs = {
        tuple(headline["against"])
        for headline in run.headlines
        if not isinstance(headline["against"], str)
        and (headline.get("at"), headline["metric"]) == (rate, distortion)
    }
    for pair in sorted(pairs):
        ends = [(main.get((name, rate)), main.get((name, distortion))) for name in pair]
        found = [(x.value, y.value) for x, y in ends if x and y]
        if len(found) == 2:
            (x0, y0), (x1, y1) = found
            label = f"line {pair[0]} to {pair[1]}"
            axis.plot([x0, x1], [y0, y1], "--", color="#777777", lw=0.9, zorder=1, label=label)
