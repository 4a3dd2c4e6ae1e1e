"""Rounds: systems timed in turn, so that a drifting machine is fair to all."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from statistics import median

import torch

from ..codes import Codes
from ..graph import GraphError, forget, pool_bytes
from ..memory import PeakMemory
from .audit import Audit, audit
from .bench import Setting
from .clock import Lap, timed
from .device_rates import DeviceRates, best_rates, measure_rates, sizes_of
from .floor import Floor, find_floor, mean_grains
from .memory_end import memory_ended
from .nvml import Gpu
from .systems import TimedSystem

WARM_UP_ROUNDS, STABLE = 6, 0.1
"""Rounds of warm-up, at most; they end when two that follow each other differ by less than this
share of the longer one."""

SEED = 0


@dataclass
class Timing:
    """One system at one batch size in one setting.

    Attributes:
        drawing, decoding: of each round after warm-up.
        warm_up: of drawing alone, in each round before that.
        stable: whether the warm-up ended because rounds agreed.
        out_of_memory: what did not fit; then nothing else is known.
        cannot: why it could not be drawn for another reason; likewise.
        energy_j: of all rounds together.
    """

    system: TimedSystem
    batch: int
    setting: Setting
    drawing: list[Lap] = field(default_factory=list)
    decoding: list[Lap] = field(default_factory=list)
    warm_up: list[Lap] = field(default_factory=list)
    stable: bool = False
    peak_bytes: int = 0
    energy_j: float | None = None
    out_of_memory: str = ""
    cannot: str = ""
    rates: DeviceRates | None = None
    decode_operations: int = 0
    floor: Floor | None = None
    audit: Audit | None = None
    codes: Codes | None = None
    grains: tuple[int, ...] | None = None
    first_image: int = 0

    @property
    def first_draw_extra_s(self) -> float:
        """By how much the first draw took longer than the timed ones: capturing, compiling and
        packing, and where it is the first of all what libraries do once."""
        return self.warm_up[0].wall_s - median(lap.wall_s for lap in self.drawing)

    @property
    def is_over(self) -> bool:
        """Whether nothing more can come of it."""
        return bool(self.out_of_memory or self.cannot)

    @property
    def faults(self) -> list[str]:
        """Why there is no speed, but for memory."""
        if self.cannot:
            return [self.cannot]
        return self.audit.faults if self.audit else []

    @property
    def name(self) -> str:
        """What messages call it."""
        parts = self.system.name, self.setting.name, f"batch {self.batch}"
        return ", ".join(part for part in parts if part)


def time_batch(
    setting: Setting,
    systems: Sequence[TimedSystem],
    batch: int,
    decode_operations: Sequence[int],
    device: str,
    gpu: Gpu,
    tell: Callable[[str], None],
) -> list[Timing]:
    """Time all systems at one batch size, then audit what they drew.

    A system that does not fit into memory leaves, and the others go on.
    """
    timings = [Timing(system, batch, setting) for system in systems]
    what = f"{setting.name} batch {batch}".strip()
    tell(f"{what}: warm-up")
    for timing in timings:
        _guarded(timing, partial(_warm_up, timing, device))
    tell(f"{what}: {setting.repeats} rounds")
    for _ in range(setting.repeats):
        for timing in timings:
            _guarded(timing, partial(_measure, timing, device, gpu))
    tell(f"{what}: audit and rates")
    for timing in timings:  # what graphs keep is needed no more
        forget(timing.system.prior)
    for timing, operations in zip(timings, decode_operations, strict=True):
        _guarded(timing, partial(_audit, timing, device))
        timing.decode_operations = operations
        rates = partial(_measure_rates, timing, device)
        if not timing.is_over and (said := memory_ended(rates)):
            tell(f"{timing.name}: no floor: {said}")
    return timings


def _warm_up(timing: Timing, device: str) -> None:
    before = None
    while len(timing.warm_up) < WARM_UP_ROUNDS and not timing.stable:
        drawing, decoding = draw_and_decode(timing, device)
        now = (drawing + decoding).wall_s
        timing.stable = before is not None and abs(now - before) < STABLE * max(now, before)
        timing.warm_up.append(drawing)
        before = now


def _measure(timing: Timing, device: str, gpu: Gpu) -> None:
    held = _held(device)
    memory, energy = PeakMemory(device), gpu.energy_j()
    drawing, decoding = draw_and_decode(timing, device)
    used = gpu.energy_j()
    if energy is not None and used is not None:
        timing.energy_j = (timing.energy_j or 0.0) + used - energy
    others = max(held - _own_bytes(timing.system), 0) if device.startswith("cuda") else 0
    peak = memory.read() - others + pool_bytes(timing.system.prior)
    timing.peak_bytes = max(timing.peak_bytes, peak)
    timing.drawing.append(drawing)
    timing.decoding.append(decoding)


def draw_and_decode(timing: Timing, device: str) -> tuple[Lap, Lap]:
    """Draw a batch of new images and decode it."""
    system, batch, setting = timing.system, timing.batch, timing.setting
    timing.codes = None  # so that its memory can be used again
    condition = system.condition(batch, device)
    first = timing.first_image + batch
    codes, drawing = timed(
        device,
        lambda: system.prior.sample(batch, SEED, system.sampling, condition, first, setting.mode),
    )
    _, decoding = timed(device, lambda: _decode(system, codes, setting.decoded_together))
    timing.codes, timing.first_image = codes, first
    return drawing, decoding


@torch.no_grad()
def _decode(system: TimedSystem, codes: Codes, together: int) -> None:
    """Images leave as bytes, and stay on the device."""
    for start in range(0, len(codes), together):
        images = system.tokenizer.decode(codes[start : start + together])
        images.clamp(0, 1).mul(255).round().to(torch.uint8)


def _audit(timing: Timing, device: str) -> None:
    system, codes = timing.system, timing.codes
    assert codes is not None
    condition = system.condition(timing.batch, device)
    timing.audit = audit(
        system.prior, codes, SEED, timing.first_image, system.sampling, condition,
        timing.setting.mode,
    )  # fmt: skip
    timing.grains = mean_grains(codes)
    timing.codes = None


def _measure_rates(timing: Timing, device: str) -> None:
    """Where memory ends here, there is a speed and no floor."""
    timing.rates = measure_rates(
        sizes_of(timing.system.prior), timing.batch, device, getattr(torch, timing.setting.dtype)
    )


def find_floors(timings: Sequence[Timing]) -> None:
    """The floor of each timing of a setting, whose weights are still in its dtype: at the best rate
    of equal sizes that was seen beside any of them, since what slowed another was the machine."""
    measured = [timing.rates for timing in timings if timing.rates]
    for timing in timings:
        if timing.rates:
            timing.rates = best_rates(timing.rates, measured)
            timing.floor = find_floor(
                timing.system.prior, timing.batch, timing.grains, timing.decode_operations,
                timing.rates,
            )  # fmt: skip


def _guarded(timing: Timing, work: Callable[[], None]) -> None:
    """Do the work of a system that fits so far; where memory ends, that is its result."""
    if timing.is_over:
        return
    try:
        timing.out_of_memory = memory_ended(work)
    except (GraphError, RuntimeError) as error:  # what else is timed is worth more than this
        timing.cannot = (str(error) or type(error).__name__).splitlines()[0]
    if timing.is_over:
        timing.codes = None
        forget(timing.system.prior)


def _held(device: str) -> int:
    return torch.cuda.memory_allocated(device) if device.startswith("cuda") else 0


def _own_bytes(system: TimedSystem) -> int:
    """Of weights and buffers."""
    return sum(
        value.nbytes
        for model in system.models
        for values in (model.parameters(), model.buffers())  # code tables are in no state dict
        for value in values
    )
