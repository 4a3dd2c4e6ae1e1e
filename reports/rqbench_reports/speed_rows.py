"""What `rqbench speed` recorded, a row for each setting, system and batch size."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from rqbench.api import Record, RunData

from .frame import in_order

Key = tuple[str, str]
"""A metric, and the part or phase that it is of, or ""."""


@dataclass
class SpeedRow:
    """One system at one batch size in one setting, measured or published.

    Attributes:
        records: by metric and part.
        setting: "" of a bench with one, and of what was published.
    """

    system: str
    batch: int
    setting: str = ""
    records: dict[Key, Record] = field(default_factory=dict)

    def get(self, metric: str, part: str = "") -> Record | None:
        return self.records.get((metric, part))

    @property
    def images_per_s(self) -> float | None:
        """None where it is not told; `missing` says why."""
        record = self.get("sampling_images_per_s")
        return None if record is None else record.value

    @property
    def missing(self) -> str:
        fits, audit = self.get("fits_memory"), self.get("audit_passed")
        if fits is not None and not fits.value:
            return "out of memory"
        if self.get("could_be_drawn") is not None:
            return "not drawn"
        return "audit failed" if audit is not None and not audit.value else ""

    @property
    def protocol(self) -> str:
        return next(iter(self.records.values())).protocol_hash

    @property
    def is_published(self) -> bool:
        return any(record.source == "published" for record in self.records.values())


def speed_rows(run: RunData) -> list[SpeedRow]:
    """All rows: settings as they were timed, in each the systems in the run's order, batches
    rising. Only `rqbench speed` records whether a batch fits; other runs have no rows."""
    found: dict[tuple[str, str, int], SpeedRow] = {}
    for record in filter(_has_batch, run.records):
        setting, batch = str(record.settings.get("setting", "")), int(record.settings["batch"])
        key = setting, record.system, batch
        row = found.setdefault(key, SpeedRow(record.system, batch, setting))
        part = str(record.settings.get("part", record.settings.get("phase", "")))
        row.records.setdefault((record.metric, part), record)
    settings = list(dict.fromkeys(setting for setting, _, _ in found))
    names = in_order((name for _, name, _ in found), run)
    return sorted(
        found.values(),
        key=lambda row: (settings.index(row.setting), names.index(row.system), row.batch),
    )


def settings_of(rows: Sequence[SpeedRow]) -> list[str]:
    """Names of the settings, "" of what was published too; none where nobody named any."""
    names = list(dict.fromkeys(row.setting for row in rows))
    return names if any(names) else []


def largest_batches(run: RunData) -> list[Record]:
    """The largest batch that fits, of each system and setting for which it was searched."""
    return [record for record in run.records if record.metric == "largest_batch"]


def without_speed(run: RunData) -> RunData:
    """The run without what has tables of its own."""
    return replace(run, records=[each for each in run.records if not _is_of_speed(each)])


def _is_of_speed(record: Record) -> bool:
    return record.protocol in {"speed", "speed-published"}


def _has_batch(record: Record) -> bool:
    return _is_of_speed(record) and "batch" in record.settings
