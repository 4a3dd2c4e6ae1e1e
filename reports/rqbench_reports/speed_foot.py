"""The foot of the tables of speed: what their numbers rest on."""

from collections.abc import Sequence

from rqbench.api import Record, RunData

from .speed_rows import SpeedRow
from .wording import significant

NOTICED_S = 1.0
"""A first draw that takes longer by less is not worth a line."""

NOTICED_SPREAD = 1.5
"""Slowest over fastest round of a prior; what differs by less is not worth a line."""


def about_medians(rows: Sequence[SpeedRow]) -> list[str]:
    """How many rounds stand behind a number and its brackets."""
    timed = _timed(rows)
    if not timed:
        return []
    if not any(record.ci95 for record in timed):
        return [f"Medians of {timed[0].n} rounds, too few for a 95% interval."]
    methods = "; ".join(dict.fromkeys(r.ci_method or "" for r in timed if r.ci95))
    rounds = "/".join(sorted({str(record.n) for record in timed}))
    return [f"Medians; in brackets: {methods}; n = {rounds} rounds."]


def about_rounds(rows: Sequence[SpeedRow]) -> list[str]:
    """Those whose rounds differ widely, the widest first."""
    spreads = []
    for row in rows:
        record = row.get("prior_ms_per_image")
        if record is not None and record.raw and min(record.raw) > 0:
            spreads.append((max(record.raw) / min(record.raw), row))
    told = [
        f"{spread:.1f}x: {', '.join(filter(None, (row.system, row.setting)))}, batch {row.batch}"
        for spread, row in sorted(spreads, key=lambda each: -each[0])
        if spread > NOTICED_SPREAD
    ]
    line = f"Rounds of the prior differ by {'; '.join(told)} (is the machine busy?)."
    return [line] if told else []


def about_audits(rows: Sequence[SpeedRow]) -> list[str]:
    """How many timings were audited, and how many of those failed."""
    audits = [record for row in rows if (record := row.get("audit_passed")) is not None]
    failed = sum(not record.value for record in audits)
    if not audits:
        return []
    if failed:
        return [f"Audited: {failed} of {_timings(len(audits))} failed."]
    if len(audits) == 1:
        return ["Audited: the one timing passed."]
    return [f"Audited: all {_timings(len(audits))} passed."]


def _timings(count: int) -> str:
    return "1 timing" if count == 1 else f"{count} timings"


def about_memory(rows: Sequence[SpeedRow]) -> list[str]:
    """Of what the memory is where it is not the system's own."""
    records = [row.get("sampling_peak_memory_bytes") for row in rows]
    on_cpu = any(record and record.settings.get("device") == "cpu" for record in records)
    return ["Memory: of the whole process."] if on_cpu else []


def about_first_draws(rows: Sequence[SpeedRow]) -> list[str]:
    """Of each system and setting the longest first draw, where it took a second more."""
    longest: dict[tuple[str, str], tuple[float, int]] = {}
    for row in rows:
        record, key = row.get("first_draw_extra_s"), (row.system, row.setting)
        if record is not None and record.value >= NOTICED_S:
            longest[key] = max(longest.get(key, (0.0, 0)), (record.value, row.batch))
    told = [
        f"{', '.join(filter(None, key))}: {significant(seconds)} s (batch {batch})"
        for key, (seconds, batch) in longest.items()
    ]
    line = f"The first draw of a batch size took longer, by up to: {'; '.join(told)}."
    return [line] if told else []


def about_largest(records: Sequence[Record]) -> list[str]:
    """What fits, and the next that was tried and does not."""
    told = []
    for record in records:
        name = ", ".join(filter(None, (record.system, record.settings.get("setting"))))
        too_large = record.settings["too_large"]
        found = f"at least {record.value:,.0f}"
        if too_large is not None:
            found = f"{record.value:,.0f} ({too_large:,} does not)"
        told.append(f"{name}: {found}")
    return [f"Largest batch that fits, alone on the device: {'; '.join(told)}."] * bool(told)


def about_run(rows: Sequence[SpeedRow], run: RunData) -> list[str]:
    """How systems were timed, on which machine, and who published the others."""
    timed = _timed(rows)
    settings = dict.fromkeys(row.setting for row in rows)
    lines = [told for name in settings if (told := _how(name, timed))]
    for name in dict.fromkeys(record.environment for record in timed):
        facts = run.environments.get(name, {})
        threads = facts.get("threads")
        with_threads = f", {threads} thread{'' if threads == 1 else 's'}" if threads else ""
        lines.append(f"On {facts.get('device_name', 'unknown device')}{with_threads} ({name}).")
    records = [record for row in rows for record in row.records.values()]
    cited = dict.fromkeys(r.citation for r in records if r.source == "published" and r.citation)
    return lines + [f"(published): {citation}." for citation in cited]


def _timed(rows: Sequence[SpeedRow]) -> list[Record]:
    return [record for row in rows for record in row.records.values() if record.raw]


def _how(setting: str, timed: Sequence[Record]) -> str:
    """How the systems of a setting were timed."""
    own = [record for record in timed if record.settings.get("setting", "") == setting]
    told = [
        f"{key.replace('_', ' ')}: {', '.join(values)}"
        for key in ("device", "dtype", "tf32", "mode", "decoded_together")
        if (values := sorted({str(r.settings[key]) for r in own if key in r.settings}))
    ]
    return f"{setting or 'Timed with'}: {'; '.join(told)}." if told else ""
