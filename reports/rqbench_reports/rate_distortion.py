"""Rate against distortion: one curve a tokenizer, codec or system, over each rate that is there."""

from collections.abc import Collection, Sequence
from pathlib import Path
from textwrap import fill

from matplotlib.axes import Axes

from rqbench.api import Curve, Drawn, Record, Report, RunData, find_curves, is_codec

from .figure import (
    COLUMN_IN,
    GREYS,
    PAGE_IN,
    Look,
    error_bars,
    legend_below,
    looks,
    panels,
    paper_style,
    plain_log,
    save,
)
from .frame import in_order, main_records, tokenizer_names
from .hollow import PAPER, hollow_notes, other_terms
from .pairing import terms
from .wording import axis_label

RATES = {
    "rate_nominal_bpp": "nominal rate (bpp, grain map included)",
    "rate_empirical_bpp": "empirical rate (bpp, zero-order entropy)",
    "rate_coded_bpp": "coded rate (bpp, bytes written)",
    "rate_prior_bpp": "prior rate (bpp, held-out likelihood)",
}
OF_SYSTEMS = ("rate_coded_bpp", "rate_prior_bpp")
DISTORTIONS = ("psnr_db", "lpips", "st_lpips")

BARS = (
    "Bars: 95% intervals of each mean (over seeds too, where there are several), wider than those "
    "of paired differences (see headlines)."
)
BARS_ALONE = "Bars: 95% intervals of each mean."
MARKERS = (
    "Large markers: as trained. Small: other operating points, or several tokenizers as a curve."
)
FILES = "Grey: classical codecs, at the rate of their whole files on every axis."


class RateDistortion(Report):
    """A panel for each rate and distortion; stack prefixes and thresholds make curves."""

    order = 20
    draws_curves = True

    def draw(self, run: RunData, folder: Path) -> Drawn:
        rates, distortions = _rates(run.records), _distortions(run.records)
        if not rates or not distortions:
            return Drawn([])
        places = [(distortion, rate) for distortion in distortions for rate in rates]
        curves = [find_curves(run.records, rate, distortion) for distortion, rate in places]
        styles = _styles([curve for panel in curves for curve in panel], run)
        width = COLUMN_IN if len(rates) == 1 else PAGE_IN
        with paper_style():
            height = 2.3 if len(distortions) > 1 else 3.2  # a lone row bears notes and legend too
            figure, axes = panels(len(distortions), len(rates), width, height)
            hollow: list[Record] = []
            for axis, (distortion, rate), shown in zip(axes, places, curves, strict=True):
                of_panel = [point.distortion for curve in shown for point in curve.points]
                odd = other_terms(of_panel)
                hollow += [record for record in of_panel if terms(record) in odd]
                for curve in shown:
                    _draw_curve(axis, curve, styles[curve.name], odd)
                _lines_between(axis, run, rate, distortion)
                better = next(r.higher_is_better for r in run.records if r.metric == distortion)
                axis.set_ylabel(axis_label(distortion, better))
                axis.margins(0.06)
                if any(curve.is_codec for curve in shown):  # from 0.1 bpp of codes to 4 of a file
                    axis.set_xscale("log")
                    plain_log(axis.xaxis)
            for axis, rate in zip(axes[-len(rates) :], rates, strict=True):
                axis.set_xlabel(RATES[rate])
            legend_below(figure, axes, list(styles), per_row=2 * len(rates))
            notes = [BARS if run.headlines else BARS_ALONE, MARKERS]
            notes += [FILES] if any(map(is_codec, run.records)) else []
            notes += hollow_notes(hollow)
            note = "\n".join(fill(line, 60 * len(rates)) for line in notes)
            figure.suptitle(note, fontsize=7, color="#555555", x=0.01, ha="left")
            return Drawn(save(figure, folder / "figures", "rate-distortion"))


def _rates(records: Sequence[Record]) -> list[str]:
    """Those with an axis. The prior's and the coded rate give one point a system: their panels
    come only where nothing else was asked for; and a codec's files have a rate on every axis."""
    measured = {record.metric for record in records if not is_codec(record)}
    found = [metric for metric in RATES if metric in measured]
    wide = [metric for metric in found if metric not in OF_SYSTEMS] or found
    return wide or ["rate_coded_bpp"] * any(map(is_codec, records))


def _distortions(records: Sequence[Record]) -> list[str]:
    """The usual ones, or the one that is there."""
    measured = dict.fromkeys(r.metric for r in records if r.metric not in RATES)
    return [metric for metric in DISTORTIONS if metric in measured] or list(measured)[:1]


def _styles(curves: Sequence[Curve], run: RunData) -> dict[str, Look]:
    """Colours by the place of a tokenizer in all figures; then systems, and codecs in grey."""
    codecs = dict.fromkeys(curve.name for curve in curves if curve.is_codec)
    names = [name for name in tokenizer_names(run) if name not in codecs]
    names += in_order((c.name for c in curves if c.name not in codecs), run)
    drawn = {curve.name for curve in curves}
    found = looks(list(dict.fromkeys(names))) | dict(zip(codecs, GREYS, strict=False))
    return {name: look for name, look in found.items() if name in drawn}


def _draw_curve(axis: Axes, curve: Curve, look: Look, odd: Collection[tuple[str, ...]]) -> None:
    is_odd = any(terms(point.distortion) in odd for point in curve.points)
    face = PAPER if is_odd else look.colour
    main = [point for point in curve.points if not point.settings]
    if len(curve.points) > 1:
        x = [point.rate.value for point in curve.points]
        y = [point.distortion.value for point in curve.points]
        axis.plot(
            x, y, look.dash, marker=look.marker, markersize=2.8, color=look.colour, lw=1, mfc=face,
            label=None if main else curve.name,
        )  # fmt: skip
    for point in main:
        axis.errorbar(
            point.rate.value, point.distortion.value, yerr=error_bars(point.distortion),
            xerr=error_bars(point.rate), fmt=look.marker, color=look.colour, label=curve.name,
            elinewidth=0.8, capsize=2, mfc=face,
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
