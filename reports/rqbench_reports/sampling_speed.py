"""Sampling speed: a table of all systems and batch sizes, and what changes with the batch."""

from collections.abc import Sequence
from pathlib import Path

from rich.console import Group

from rqbench.api import Drawn, Record, Report, RunData

from .frame import to_frame
from .publish import publish
from .speed_figure import speed_figure
from .speed_foot import (
    about_audits,
    about_first_draws,
    about_largest,
    about_medians,
    about_memory,
    about_rounds,
    about_run,
)
from .speed_rows import SpeedRow, largest_batches, settings_of, speed_rows
from .speed_up import SpeedUp, about_speed_ups, compared_with, over, speed_up, speed_ups
from .table import Cell, Heading, Table
from .wording import DASH, significant

ENERGY = Heading("energy", "J/image", "↓")
SETTING = Heading("setting")
FLOOR = (
    Heading("system"), Heading("batch"), Heading("prior's floor", "ms/image"),
    Heading("prior", "x floor", "↓"), Heading("decoder's floor", "ms/image"),
    Heading("decoder", "x floor", "↓"), Heading("both", "x floor", "↓"),
)  # fmt: skip


FLOOR_MEANING = (
    "Floor: bytes and operations of each phase at rates measured on the same device in the same "
    "run; the longer of both times."
)


RATE_MEANING = "images/s: one over the median time of prior and decoder together."


class SamplingSpeed(Report):
    """What `rqbench speed` measured."""

    order = 25

    def draw(self, run: RunData, folder: Path) -> Drawn:
        rows = speed_rows(run)
        if not rows:
            return Drawn([])
        with_speed = [row for row in rows if row.images_per_s]
        largest, ups = largest_batches(run), speed_ups(rows)
        medians, about, how = about_medians(rows), about_speed_ups(ups), about_run(rows, run)
        checks = [*about_rounds(rows), *about_audits(rows)]
        memory = [*about_memory(rows), *about_first_draws(rows), *about_largest(largest)]
        rates = [RATE_MEANING] * bool(medians)
        tables = [_speeds(rows, [*medians, *rates, *about, *checks, *how, *memory])]
        if settings_of(rows) and ups:
            tables.append(_speed_ups(rows, [*about, *checks, *how]))
        floors = [
            _name_cells(row, rows) + _floor_cells(row)
            for row in with_speed
            if row.get("floor_ratio", "decoder")
        ]
        if floors:
            title, foot = "How far that is from the floor", [FLOOR_MEANING, *medians, *how]
            headings, names = _with_setting(FLOOR, rows), _num_names(rows)
            tables.append(Table("speed-floor", title, headings, floors, foot, num_names=names))
        csv = to_frame([*(one for row in rows for one in row.records.values()), *largest])
        made = publish(tables, folder, {"sampling-speed": csv.to_csv(index=False)})
        files = speed_figure(with_speed, rows, folder) if with_speed else []
        return Drawn([*made.files, *files], Group(made.terminal))


def _speeds(rows: Sequence[SpeedRow], foot: Sequence[str]) -> Table:
    """Settings have a column where they have names, energy where a meter was read."""
    metered = any(row.get("energy_j_per_image") for row in rows)
    lines = [_name_cells(row, rows) + _cells(row, rows) for row in rows]
    if metered:
        energy = [_value(row.get("energy_j_per_image")) for row in rows]
        lines = [[*line, cell] for line, cell in zip(lines, energy, strict=True)]
    headings = _with_setting(_headings(rows), rows) + ([ENERGY] if metered else [])
    names = _num_names(rows)
    return Table("sampling-speed", "Speed of sampling", headings, lines, foot, num_names=names)


def _headings(rows: Sequence[SpeedRow]) -> list[Heading]:
    return [
        Heading("system"), Heading("batch"), Heading("sampling", "images/s", "↑"),
        Heading("speed-up", over(speed_ups(rows))), Heading("prior", "ms/image", "↓"),
        Heading("decoder", "ms/image", "↓"), Heading("memory", "MiB", "↓"),
    ]  # fmt: skip


def _speed_ups(rows: Sequence[SpeedRow], foot: Sequence[str]) -> Table:
    """A line for each setting and system that is compared, a column for each batch."""
    ups = {(row.setting, row.system, row.batch): speed_up(row, rows) for row in rows}
    lines = dict.fromkeys((setting, system) for (setting, system, _), up in ups.items() if up)
    batches = sorted({row.batch for row in rows})
    cells = [
        [Cell(system), Cell(setting or DASH)]
        + [_times(ups.get((setting, system, batch))) for batch in batches]
        for setting, system in lines
    ]
    headings = [Heading("system"), SETTING, *(Heading(f"batch {batch}") for batch in batches)]
    title = f"Speed-up over {compared_with(speed_ups(rows))}"
    return Table("speed-up", title, headings, cells, foot, num_names=2)


def _with_setting(headings: Sequence[Heading], rows: Sequence[SpeedRow]) -> list[Heading]:
    first, *others = headings
    return [first, SETTING, *others] if settings_of(rows) else [first, *others]


def _num_names(rows: Sequence[SpeedRow]) -> int:
    """The system, and where the table has a column for it the setting."""
    return 2 if settings_of(rows) else 1


def _name_cells(row: SpeedRow, rows: Sequence[SpeedRow]) -> list[Cell]:
    """System, setting where the table has a column for it, and batch."""
    setting = [Cell(row.setting or DASH)] if settings_of(rows) else []
    return [Cell(row.system), *setting, Cell(str(row.batch))]


def _cells(row: SpeedRow, rows: Sequence[SpeedRow]) -> list[Cell]:
    memory = row.get("sampling_peak_memory_bytes")
    return [
        Cell(row.missing) if row.missing else _value(row.get("sampling_images_per_s")),
        _times(speed_up(row, rows)),
        _value(row.get("prior_ms_per_image")),
        _value(row.get("decoder_ms_per_image")),
        Cell(DASH if memory is None else f"{memory.value / 2**20:,.0f}"),
    ]


def _floor_cells(row: SpeedRow) -> list[Cell]:
    return [
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
    between = "[{}, {}]".format(*map(significant, record.ci95)) if record.ci95 else ""
    return Cell(significant(record.value), between)


def _times(up: SpeedUp | None) -> Cell:
    if up is None:
        return Cell(DASH)
    return Cell(f"{up.value:.2f}", f"[{up.ci95[0]:.2f}, {up.ci95[1]:.2f}]" if up.ci95 else "")
