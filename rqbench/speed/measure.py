"""`rqbench speed`, for Python users too: time systems, write what was found."""

import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from itertools import product
from math import inf
from pathlib import Path
from typing import Any

from rich.console import Console

from ..environment import describe_environment, environment_id
from ..files import appearing, check_free, seal
from ..progress import Progress
from ..record import Record
from ..record_folder import write_record_folder
from .bench import Bench, Setting
from .floor import decode_operations
from .largest import Largest, check_can_end, find_largest
from .nvml import Gpu, find_gpu
from .recording import published_records, record_timings, reports_speed
from .rounds import Timing, find_floors, time_batch
from .systems import TimedSystem, cast, describe, load_systems
from .tf32 import check_can_round, tf32_products

FACTS = "speed.json"


@dataclass(frozen=True)
class Measured:
    """What was found.

    Attributes:
        not_timed: settings with batch sizes that were not begun: the time was over, or no system
            was left that fits.
        failed: of timings whose audit failed, what was wrong, by system, setting and batch.
    """

    folder: Path
    records: list[Record]
    timings: list[Timing]
    not_timed: list[str]

    @property
    def failed(self) -> dict[str, list[str]]:
        return {timing.name: timing.faults for timing in self.timings if timing.faults}


def measure_speed(
    bench: Bench, out: Path | str, device: str = "cpu", console: Console | None = None
) -> Measured:
    """Time all systems of the bench in all its settings, at all batch sizes.

    Args:
        out: a folder that is new; `rqbench report` reads it.
        console: where progress goes; None for nowhere.

    Raises:
        ConfigError: nothing to time, or a place where something is.
        UnsupportedError: a mode that a prior does not have; the largest batch or TF32 of a CPU.
        KeyboardInterrupt: what was timed before is written.
    """
    out, begun = Path(out), time.monotonic()
    check_free(out)
    if any(setting.largest for setting in bench.passes):
        check_can_end(device)
    if any(setting.tf32 for setting in bench.passes):
        check_can_round(device)
    with Progress(console or Console(quiet=True), 1) as progress, appearing(out) as beside:
        progress.begin_stage("speed")
        systems, gpu = load_systems(bench, device), find_gpu(device)
        for setting, system in product(bench.passes, systems):  # before anything is timed
            system.prior.check_mode(setting.mode)
        operations = [
            decode_operations(system.tokenizer, system.prior.layout, device) for system in systems
        ]
        before = gpu.facts()
        timings: list[Timing] = []
        largest: list[Largest] = []
        end = begun + 60 * (bench.minutes or inf)
        progress.start(sum(len(setting.batch) for setting in bench.passes))
        stopped: KeyboardInterrupt | None = None
        try:
            for setting in bench.passes:
                cast(systems, setting.dtype)
                with tf32_products(setting.tf32, device):
                    own_end = min(end, time.monotonic() + 60 * (setting.minutes or inf))
                    _sweep(setting, systems, operations, device, gpu, progress, own_end, timings)
                    if setting.largest and time.monotonic() < end:
                        largest += find_largest(setting, systems, device, progress.say)
        except KeyboardInterrupt as interrupt:
            if not timings:
                raise
            stopped = interrupt
            progress.say(f"stopped: `rqbench report {out}` shows what was timed before")
        environment = describe_environment(device)
        records, protocols = record_timings(timings, largest, environment_id(environment), device)
        for more, protocol in published_records(bench.published_beside):
            records.append(more)
            protocols[protocol.hash] = protocol
        facts = {
            "bench": bench.model_dump(mode="json"),
            "systems": [describe(system) for system in systems],
            "gpu": {"before": before, "after": gpu.facts()},
            "timings": [_facts(timing) for timing in timings],
            "not_timed": _not_timed(bench, timings),
            "largest": [_largest_facts(one) for one in largest],
            "took_s": time.monotonic() - begun,
        }
        names = list(dict.fromkeys(record.system for record in records))
        files = write_record_folder(
            beside, records, protocols, environment, ([], names), (FACTS, facts)
        )
        seal(beside, files, {})
        progress.end_stage(stopped is None)
    if stopped:
        raise stopped
    return Measured(out, records, timings, _not_timed(bench, timings))


def _sweep(
    setting: Setting,
    systems: Sequence[TimedSystem],
    operations: Sequence[int],
    device: str,
    gpu: Gpu,
    progress: Progress,
    end: float,
    timings: list[Timing],
) -> None:
    """Add to the timings all batch sizes of one setting that can be begun before the end, and the
    first of all anyway; a system that did not fit is at no larger one."""
    left, before = list(range(len(systems))), len(timings)
    try:
        for batch in setting.batch:
            if not left or (timings and time.monotonic() > end):
                break
            found = time_batch(
                setting, [systems[i] for i in left], batch, [operations[i] for i in left], device,
                gpu, progress.say,
            )  # fmt: skip
            timings.extend(found)
            left = [i for i, timing in zip(left, found, strict=True) if not timing.is_over]
            progress.advance()
    finally:
        find_floors(timings[before:])


def _not_timed(bench: Bench, timings: Sequence[Timing]) -> list[str]:
    timed = {(timing.setting.name, timing.batch) for timing in timings}
    return [
        f"{setting.name} batch {batch}".strip()
        for setting in bench.passes
        for batch in setting.batch
        if (setting.name, batch) not in timed
    ]


def _facts(timing: Timing) -> dict[str, Any]:
    """Everything that was read, in full; of a timing whose audit failed no speed."""
    facts: dict[str, Any] = {
        "system": timing.system.name, "setting": timing.setting.name, "batch": timing.batch,
        "stable": timing.stable, "warm_up_rounds": len(timing.warm_up),
        "out_of_memory": timing.out_of_memory or None, "cannot": timing.cannot or None,
    }  # fmt: skip
    if timing.audit:
        names = "passed", "standard_errors", "allowed"
        facts["audit"] = asdict(timing.audit) | {
            name: getattr(timing.audit, name) for name in names
        }
    if timing.rates and timing.floor and reports_speed(timing):
        facts |= {"device_rates": asdict(timing.rates), "floor_ms_per_image": asdict(timing.floor)}
        facts["warm_up_drawing"] = [asdict(lap) for lap in timing.warm_up]
        facts["first_draw_extra_s"] = timing.first_draw_extra_s
        facts["drawing"] = [asdict(lap) for lap in timing.drawing]
        facts["decoding"] = [asdict(lap) for lap in timing.decoding]
    return facts


def _largest_facts(found: Largest) -> dict[str, Any]:
    return {
        "system": found.system.name, "setting": found.setting.name, "batch": found.batch,
        "too_large": found.too_large, "said": found.said or None,
    }  # fmt: skip
