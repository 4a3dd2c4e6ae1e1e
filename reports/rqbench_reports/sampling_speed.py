"""Sampling speed: a table of all systems and batch sizes, and what changes with the batch."""

from collections.abc import Sequence
from pathlib import Path

from matplotlib.axes import Axes
from rich.console import Group

from rqbench.api import Drawn, Record, Report, RunData

from .figure import (
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
from .frame import to_frame
from .publish import publish
from .speed_rows import SpeedRow, speed_rows, speed_up
from .table import Cell, Heading, Table
from .wording import DASH

SPEED = (
    Heading("system"), Heading("batch"), Heading("sampling", "images/s", "↑"),
    Heading("speed-up", "x first"), Heading("prior", "ms/image", "↓"),
    Heading("decoder", "ms/image", "↓"), Heading("memory", "MiB", "↓"),
)  # fmt: skip
ENERGY = Heading("energy", "J/image", "↓")
FLOOR = (
    Heading("system"), Heading("batch"), Heading("prior's floor", "ms/image"),
    Heading("prior", "x floor", "↓"), Heading("decoder's floor", "ms/image"),
    Heading("decoder", "x floor", "↓"), Heading("both", "x floor", "↓"),
)  # fmt: skip


FLOOR_MEANING = (
    "Floor: bytes and operations of each phase at rates measured on the same device in the same "
    "run; the longer of both times."
)


class SamplingSpeed(Report):
    """What `rqbench speed` measured."""

    order = 25

    def draw(self, run: RunData, folder: Path) -> Drawn:
        rows = speed_rows(run)
        if not rows:
            return Drawn([])
        foot, with_speed = _foot(rows, run), [row for row in rows if row.images_per_s]
        tables = [_speeds(rows, foot)]
        floors = [_floor_cells(row) for row in with_speed if row.get("floor_ratio", "decoder")]
        if floors:
            title = "How far that is from the floor"
            tables.append(Table("speed-floor", title, FLOOR, floors, [FLOOR_MEANING, *foot]))
        csv = to_frame([record for row in rows for record in row.records.values()])
        made = publish(tables, folder, {"sampling-speed": csv.to_csv(index=False)})
        files = _figure(with_speed, rows, folder) if with_speed else []
        return Drawn([*made.files, *files], Group(made.terminal))


def _speeds(rows: Sequence[SpeedRow], foot: Sequence[str]) -> Table:
    """Energy has a column where a meter was read."""
    metered = any(row.get("energy_j_per_image") for row in rows)
    lines = [_cells(row, rows) for row in rows]
    if metered:
        energy = [_value(row.get("energy_j_per_image")) for row in rows]
        lines = [[*line, cell] for line, cell in zip(lines, energy, strict=True)]
    headings = (*SPEED, ENERGY) if metered else SPEED
    return Table("sampling-speed", "Speed of sampling", headings, lines, foot)


def _cells(row: SpeedRow, rows: Sequence[SpeedRow]) -> list[Cell]:
    up = speed_up(row, rows)
    memory = row.get("sampling_peak_memory_bytes")
    return [
        Cell(row.system),
        Cell(str(row.batch)),
        Cell(row.missing) if row.missing else _value(row.get("sampling_images_per_s")),
        Cell(DASH if up is None else f"{up:.2f}"),
        _value(row.get("prior_ms_per_image")),
        _value(row.get("decoder_ms_per_image")),
        Cell(DASH if memory is None else f"{memory.value / 2**20:,.0f}"),
    ]


def _floor_cells(row: SpeedRow) -> list[Cell]:
    return [
        Cell(row.system),
        Cell(str(row.batch)),
        _value(row.get("floor_ms_per_image", "prior")),
        _value(row.get("floor_ratio", "prior")),
        _value(row.get("floor_ms_per_image", "decoder")),
        _value(row.get("floor_ratio", "decoder")),
        _value(row.get("floor_ratio", "both")),
    ]


def _value(record: Record | None) -> Cell:
    """Three digits, and the interval where there is one."""
    if record is None:
        return Cell(DASH)
    between = f"[{record.ci95[0]:.3g}, {record.ci95[1]:.3g}]" if record.ci95 else ""
    return Cell(f"{record.value:.3g}", between)


def _foot(rows: Sequence[SpeedRow], run: RunData) -> list[str]:
    """What the numbers rest on."""
    records = [record for row in rows for record in row.records.values()]
    timed = [record for record in records if record.raw]
    lines = [
        "Medians; in brackets: "
        + "; ".join(dict.fromkeys(r.ci_method or "" for r in timed if r.ci95))
        + f"; n = {'/'.join(sorted({str(record.n) for record in timed}))} rounds."
    ] if any(record.ci95 for record in timed) else []  # fmt: skip
    if timed and not lines:
        lines = [f"Medians of {timed[0].n} rounds, too few for a 95% interval."]
    lines += [
        f"{key}: {', '.join(values)}."
        for key in ("device", "dtype", "mode")
        if (values := sorted({str(r.settings[key]) for r in timed if key in r.settings}))
    ]
    environments = dict.fromkeys(record.environment for record in timed)
    for name in environments:
        facts = run.environments.get(name, {})
        lines.append(f"On {facts.get('device_name', 'unknown device')}, "
                     f"{facts.get('threads', '?')} threads ({name}).")  # fmt: skip
    cited = dict.fromkeys(r.citation for r in records if r.source == "published" and r.citation)
    return lines + [f"(published): {citation}." for citation in cited]


def _figure(drawn: Sequence[SpeedRow], rows: Sequence[SpeedRow], folder: Path) -> list[Path]:
    """Images a second and speed-up against the batch, and where the time goes."""
    names = list(dict.fromkeys(row.system for row in drawn))
    styles = looks(names)
    bars = [row for row in drawn if row.get("prior_ms_per_image")]
    with paper_style():
        figure, (speeds, ups, parts) = panels(1, 3, PAGE_IN, 2.8)
        for name in names:
            own = [row for row in drawn if row.system == name]
            _line(speeds, own, [row.images_per_s or 0 for row in own], styles[name], True)
            faster = [(row, up) for row in own if (up := speed_up(row, rows)) is not None]
            if faster:
                _line(ups, [row for row, _ in faster], [up for _, up in faster], styles[name])
        speeds.set_yscale("log")
        speeds.set_ylabel("sampling (images/s) ↑")
        ups.set_ylabel("speed-up over the first ↑")
        ups.axhline(1, color="grey", lw=0.8, ls=":")
        ups.set_ylim(0, max(1.2, 1.1 * ups.dataLim.y1))
        batches = sorted({row.batch for row in drawn})
        for axis in (speeds, ups):
            axis.set_xscale("log")
            axis.set_xticks(batches, list(map(str, batches)))
            axis.minorticks_off()
            axis.set_xlabel("batch (images)")
        plain_log(speeds.yaxis)
        _stacks(parts, bars, styles)
        legend_below(figure, [speeds], names, per_row=2)
        return save(figure, folder / "figures", "sampling-speed")


def _line(
    axis: Axes, rows: Sequence[SpeedRow], values: Sequence[float], look: Look, bars: bool = False
) -> None:
    """Published systems are dashed and hollow."""
    is_published = rows[0].is_published
    axis.plot(
        [row.batch for row in rows], values, "--" if is_published else "-", marker=look.marker,
        color=look.colour, mfc="white" if is_published else look.colour, label=rows[0].system,
    )  # fmt: skip
    for row in rows if bars else ():
        record = row.get("sampling_images_per_s")
        if record is not None and (lengths := error_bars(record)) is not None:
            axis.errorbar(row.batch, record.value, yerr=lengths, color=look.colour, capsize=2)


def _stacks(axis: Axes, rows: Sequence[SpeedRow], styles: dict[str, Look]) -> None:
    """Prior (full) and decoder (pale), both measured; a line marks the floor of both."""
    for place, row in enumerate(rows):
        prior, decoder = row.get("prior_ms_per_image"), row.get("decoder_ms_per_image")
        if prior is None or decoder is None:
            continue
        colour = styles[row.system].colour
        axis.barh(place, prior.value, color=colour)
        axis.barh(place, decoder.value, left=prior.value, color=colour, alpha=0.4)
        floor = row.get("floor_ms_per_image", "both")
        if floor is not None:
            axis.plot([floor.value] * 2, [place - 0.4, place + 0.4], color="black", lw=1)
    axis.set_yticks(range(len(rows)), [str(row.batch) for row in rows])
    axis.invert_yaxis()
    axis.grid(False, axis="y")
    axis.set_ylabel("batch (images)")
    axis.set_xlabel("ms/image: prior, pale: decoder;\nblack: floor of both")
