"""Peak memory of a piece of work."""

import resource
import sys
from contextlib import suppress
from pathlib import Path

import torch


class PeakMemory:
    """The most memory held since this object was made.

    On CUDA what torch's allocator held; on a CPU the resident memory of the whole process,
    libraries included, which Linux can measure anew for each stretch and other systems only from
    the start.
    """

    def __init__(self, device: str, at_least: int = 0) -> None:
        self.device, self.at_least = device, at_least
        if device.startswith("cuda"):
            torch.cuda.reset_peak_memory_stats(device)
            return
        # Where this is no Linux, or not allowed: the peak since the start is true too, only larger
        with suppress(OSError):
            Path("/proc/self/clear_refs").write_text("5")  # forget the peak so far

    def read(self) -> int:
        """Bytes."""
        if self.device.startswith("cuda"):
            return max(self.at_least, torch.cuda.max_memory_allocated(self.device))
        return max(self.at_least, _resident_peak())


def _resident_peak() -> int:
    try:
        lines = Path("/proc/self/status").read_text().splitlines()
        return next(int(line.split()[1]) * 1024 for line in lines if line.startswith("VmHWM"))
    except (OSError, StopIteration):
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        return peak if sys.platform == "darwin" else peak * 1024
