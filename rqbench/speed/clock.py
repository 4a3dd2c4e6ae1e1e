"""The clock of a timing: wall clock, and the device's own."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

import torch

T = TypeVar("T")


@dataclass(frozen=True)
class Lap:
    """
    Attributes:
        wall_s: from a device that is idle to one that is idle again.
        device_s: between two CUDA events around the work; on a CPU the processor time of all
            threads of this process, which a busy machine does not stretch.
    """

    wall_s: float
    device_s: float

    def __add__(self, other: "Lap") -> "Lap":
        return Lap(self.wall_s + other.wall_s, self.device_s + other.device_s)


def timed(device: str, work: Callable[[], T]) -> tuple[T, Lap]:
    """Do the work, and wait for the device on both sides."""
    if not device.startswith("cuda"):
        cpu, wall = time.process_time(), time.perf_counter()
        done = work()
        return done, Lap(time.perf_counter() - wall, time.process_time() - cpu)
    with torch.cuda.device(device):
        # torch gives events no types
        first = torch.cuda.Event(enable_timing=True)  # type: ignore[no-untyped-call]
        last = torch.cuda.Event(enable_timing=True)  # type: ignore[no-untyped-call]
        torch.cuda.synchronize()
        wall = time.perf_counter()
        first.record()
        done = work()
        last.record()
        torch.cuda.synchronize()
        return done, Lap(time.perf_counter() - wall, first.elapsed_time(last) / 1000)
