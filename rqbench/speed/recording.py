"""Records of timings, and of what others published."""

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import torch

from ..median import median_of
from ..metrics.protocol import Protocol
from ..record import Record
from ..stages.recording import Provenance, Recorder
from .audit import CHANCE, FARTHEST, IMAGES, LARGER
from .bench import PublishedSpeed, Setting
from .largest import Largest
from .rounds import STABLE, Timing
from .systems import TimedSystem
from .tolerance import relative_tolerance

EXPERIMENT, NOTHING = "speed", "none"
"""Of which experiment, and of which data: codes are drawn, and no image is read."""


def reports_speed(timing: Timing) -> bool:
    """Whether its numbers may be told: it fitted, and its audit passed."""
    return not timing.out_of_memory and timing.audit is not None and timing.audit.passed


def record_timings(
    timings: Sequence[Timing], largest: Sequence[Largest], environment: str, device: str
) -> tuple[list[Record], dict[str, Protocol]]:
    """All numbers, and what their protocols stand for."""
    protocols: dict[str, Protocol] = {}
    records: list[Record] = []

    def recorder(system: TimedSystem) -> Recorder:
        about = Provenance(EXPERIMENT, NOTHING, NOTHING, system.seed, environment)
        return Recorder(about, system.tokenizer_name, system.prior_name, protocols)

    kind = device.partition(":")[0]
    for timing in timings:
        records += _records(timing, recorder(timing.system), kind)
    for one in largest:
        protocol, told = speed_protocol(one.setting, kind), _settings(one.setting, kind)
        told |= {"too_large": one.too_large}
        recorded = recorder(one.system).number("largest_batch", float(one.batch), protocol, 1, told)
        records.append(recorded)
    return records, protocols


def _settings(setting: Setting, device: str) -> dict[str, Any]:
    """What records say of a setting."""
    name = {"setting": setting.name} if setting.name else {}
    return name | {
        "device": device, "dtype": setting.dtype, "mode": setting.mode,
        "decoded_together": setting.decoded_together, "tf32": _tf32(setting, device),
    }  # fmt: skip


def _records(timing: Timing, recorder: Recorder, device: str) -> list[Record]:
    settings = _settings(timing.setting, device) | {"batch": timing.batch}
    protocol = speed_protocol(timing.setting, device)

    def number(metric: str, value: float, n: int = 1, **more: Any) -> Record:
        return recorder.number(metric, value, protocol, n, settings | more)

    def repeats(
        metric: str, times: Sequence[float], tell: Callable[[float], float] = float, **more: Any
    ) -> Record:
        """The median of times, or what is told of a time, as its rate: of the median too."""
        found = median_of(times)
        ends = sorted((tell(found.low), tell(found.high)))
        return recorder.number(
            metric, tell(found.value), protocol, len(times), settings | more,
            raw=[tell(time) for time in times], ci_method=found.method,
            ci95=(ends[0], ends[1]) if found.coverage >= 0.95 else None,
        )  # fmt: skip

    if timing.cannot:
        return [number("could_be_drawn", 0.0)]
    records = [number("fits_memory", float(not timing.out_of_memory))]
    if timing.audit is not None:
        records.append(number("audit_passed", float(timing.audit.passed), timing.audit.symbols))
    if not reports_speed(timing):
        return records
    batch = timing.batch
    laps = list(zip(timing.drawing, timing.decoding, strict=True))
    draws = [1000 * draw.wall_s / batch for draw, _ in laps]
    decodes = [1000 * decode.wall_s / batch for _, decode in laps]
    both = [draw + decode for draw, decode in zip(draws, decodes, strict=True)]
    records += [
        repeats("sampling_images_per_s", both, lambda ms: 1000 / ms),
        repeats("prior_ms_per_image", draws),
        repeats("decoder_ms_per_image", decodes),
        number("sampling_peak_memory_bytes", float(timing.peak_bytes), len(laps)),
        number("first_draw_extra_s", timing.first_draw_extra_s),
    ]
    if timing.energy_j is not None:
        records.append(number("energy_j_per_image", timing.energy_j / len(laps) / batch, len(laps)))
    if timing.floor is None:
        return records
    parts = [("decoder", timing.floor.decoder, decodes)]
    if timing.floor.prior is not None and timing.floor.phases is not None:
        parts.append(("prior", timing.floor.prior, draws))
        parts.append(("both", timing.floor.prior + timing.floor.decoder, both))
        records += [
            number("phase_floor_ms_per_image", ms, phase=phase)
            for phase, ms in timing.floor.phases.items()
        ]
    for part, floor, measured in parts:
        records.append(number("floor_ms_per_image", floor, part=part))
        ratios = [ms / floor for ms in measured]
        records.append(repeats("floor_ratio", ratios, part=part))
    return records


def speed_protocol(setting: Setting, device: str) -> Protocol:
    """How systems were timed."""
    return Protocol(
        id="speed",
        clauses={
            "device": device,
            "dtype": setting.dtype,
            "tf32": _tf32(setting, device),
            "mode": setting.mode,
            "decoded_together": setting.decoded_together,
            "rounds": "systems in turn",
            "warm_up": f"until two rounds differ by less than {STABLE:.0%}",
            "clock": "wall, device idle at both ends",
            "number": "median of times; images/s is one over that of prior and decoder together",
            "images": "8 bit, left on the device",
            "memory": "resident, of the whole process"
            if device == "cpu"
            else "allocated, without other systems' weights",
            "floor": "rates of this device in this run",
            "audit": f"{IMAGES} images, teacher-forced, {FARTHEST:g} standard errors",
            "audit_differing": f"{LARGER} x expected, exceeded with probability {CHANCE:g}",
            "audit_tolerance": relative_tolerance(
                getattr(torch, setting.dtype), _tf32(setting, device) == "allowed"
            ),
        },
    )


def _tf32(setting: Setting, device: str) -> str:
    """Whether its products could round to TF32."""
    return "allowed" if setting.tf32 and device == "cuda" else "off"


def published_records(published: Sequence[PublishedSpeed]) -> Iterator[tuple[Record, Protocol]]:
    """What others measured, as records of systems of their own."""
    for one in published:
        protocol = Protocol(id="speed-published", clauses={"citation": one.citation})
        about = Provenance(EXPERIMENT, NOTHING, NOTHING, 0, "published")
        tokenizer, _, prior = one.system.partition(" + ")
        recorder = Recorder(about, f"{tokenizer} (published)", prior or None)
        told: dict[str, Any] = {"source": "published", "citation": one.citation}
        settings, seconds = {"batch": one.batch}, one.seconds_per_image
        fits = float(seconds is not None)
        yield recorder.number("fits_memory", fits, protocol, 1, settings, **told), protocol
        if seconds is not None:
            rate = 1 / seconds
            told |= {"ci_method": "none was published"}
            yield (
                recorder.number("sampling_images_per_s", rate, protocol, 1, settings, **told),
                protocol,
            )
