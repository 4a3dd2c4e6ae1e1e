"""The figure of sampling speed: images a second and speed-up by batch, and where the time goes."""

from collections.abc import Sequence
from pathlib import Path

from matplotlib.axes import Axes

from .figure import (
    DASHES,
    MARKERS,
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
from .log_axis import shifts, with_three_ticks
from .speed_rows import SpeedRow
from .speed_up import PUBLISHED, SpeedUp, over, speed_up, speed_ups

HEIGHT_IN, BAR_IN = 2.8, 0.14
"""Of a panel, and what each bar of time needs of it."""

FEW = 4
"""Batch sizes that stand beside each other; more are turned."""

Line = tuple[str, str]
"""A system and a setting."""

Point = tuple[float, list[list[float]] | None]
"""A number, and how far its interval reaches below and above it."""


def speed_figure(drawn: Sequence[SpeedRow], rows: Sequence[SpeedRow], folder: Path) -> list[Path]:
    """Draw those rows that have a speed, compared within all rows."""
    styles = _styles(drawn)
    bars = [
        row for row in drawn if row.get("prior_ms_per_image") and row.get("decoder_ms_per_image")
    ]
    with paper_style():
        height = max(HEIGHT_IN, 1 + BAR_IN * len(bars))
        figure, (speeds, ups, parts) = panels(1, 3, PAGE_IN, height)
        batches = sorted({row.batch for row in drawn})
        asides = shifts(len(styles), batches)
        for (line, look), aside in zip(styles.items(), asides, strict=True):
            own = [row for row in drawn if _line_of(row) == line]
            _line(speeds, own, [_speed_point(row) for row in own], look, aside)
            faster = [(row, up) for row in own if (up := speed_up(row, rows)) is not None]
            if faster:
                points = [_ratio_point(up) for _, up in faster]
                _line(ups, [row for row, _ in faster], points, look, aside)
        speeds.set_yscale("log")
        speeds.set_ylim(with_three_ticks(*speeds.get_ylim()))
        speeds.set_ylabel("sampling (images/s) ↑ (log)")
        ups.set_ylabel(f"speed-up {over(speed_ups(rows)) or 'over the first'} ↑")
        ups.axhline(1, color="grey", lw=0.8, ls=":")
        ups.set_ylim(0, max(1.2, 1.1 * ups.dataLim.y1))
        for axis in (speeds, ups):
            axis.set_xscale("log")
            axis.set_xticks(
                batches, list(map(str, batches)), rotation=45 if len(batches) > FEW else 0
            )
            axis.minorticks_off()
            axis.set_xlabel("batch (images)")
        plain_log(speeds.yaxis)
        _stacks(parts, bars, styles)
        legend_below(figure, [speeds], [_words(line) for line in styles], per_row=2)
        return save(figure, folder / "figures", "sampling-speed")


def _line_of(row: SpeedRow) -> Line:
    return row.system, row.setting


def _words(line: Line) -> str:
    return ", ".join(part for part in line if part)


def _styles(rows: Sequence[SpeedRow]) -> dict[Line, Look]:
    """A colour for each system, which keeps it where it is published; of several settings each has
    a marker and a dash."""
    own = looks(list(dict.fromkeys(row.system.replace(PUBLISHED, "") for row in rows)))
    settings = list(dict.fromkeys(row.setting for row in rows if row.setting))
    styles: dict[Line, Look] = {}
    for row in rows:
        look = own[row.system.replace(PUBLISHED, "")]
        if row.setting:
            place = settings.index(row.setting)
            dash = DASHES[place * 2 % len(DASHES)]  # of every other kind: published ones have one
            look = Look(look.colour, MARKERS[place % len(MARKERS)], dash)
        styles[_line_of(row)] = look
    return styles


def _line(
    axis: Axes, rows: Sequence[SpeedRow], points: Sequence[Point], look: Look, aside: float
) -> None:
    """Published systems are dashed and hollow. Batches are multiplied by `aside`, so that bars of
    several systems stand beside each other."""
    is_published = rows[0].is_published
    batches = [row.batch * aside for row in rows]
    axis.plot(
        batches, [value for value, _ in points], "--" if is_published else look.dash,
        marker=look.marker, color=look.colour, mfc="white" if is_published else look.colour,
        label=_words(_line_of(rows[0])),
    )  # fmt: skip
    for batch, (value, lengths) in zip(batches, points, strict=True):
        if lengths is not None:
            axis.errorbar(batch, value, yerr=lengths, color=look.colour, capsize=2)


def _speed_point(row: SpeedRow) -> Point:
    record = row.get("sampling_images_per_s")
    assert record is not None, "only rows with a speed are drawn"
    return record.value, error_bars(record)


def _ratio_point(up: SpeedUp) -> Point:
    if up.ci95 is None:
        return up.value, None
    return up.value, [[up.value - up.ci95[0]], [up.ci95[1] - up.value]]


def _stacks(axis: Axes, rows: Sequence[SpeedRow], styles: dict[Line, Look]) -> None:
    """What prior (full) and decoder (pale) take of the time; a line marks the floor of both."""
    for place, row in enumerate(rows):
        prior, decoder = row.get("prior_ms_per_image"), row.get("decoder_ms_per_image")
        assert prior is not None and decoder is not None
        colour, both = styles[_line_of(row)].colour, prior.value + decoder.value
        axis.barh(place, prior.value / both, color=colour)
        axis.barh(place, decoder.value / both, left=prior.value / both, color=colour, alpha=0.4)
        floor = row.get("floor_ms_per_image", "both")
        if floor is not None:
            axis.plot([floor.value / both] * 2, [place - 0.4, place + 0.4], color="black", lw=1)
    axis.set_yticks(range(len(rows)), [f"{row.setting} {row.batch}".strip() for row in rows])
    axis.invert_yaxis()
    axis.grid(False, axis="y")
    axis.set_ylabel("batch (images)")
    axis.set_xlabel("share of prior, pale: decoder;\nblack: floor of both")
