"""What the driver of an NVIDIA GPU tells, through NVML where the package `pynvml` is installed."""

import os
from dataclasses import dataclass
from importlib import import_module
from typing import Any

import torch


@dataclass(frozen=True)
class Gpu:
    """One GPU as its driver knows it, or why nothing is known.

    Attributes:
        nvml, handle: the module and its handle of the GPU; None where `missing` says why.
    """

    nvml: Any = None
    handle: Any = None
    missing: str = ""

    def energy_j(self) -> float | None:
        """Joules since the driver was loaded; None where it does not tell."""
        if self.nvml is None:
            return None
        try:
            return float(self.nvml.nvmlDeviceGetTotalEnergyConsumption(self.handle)) / 1000
        except self.nvml.NVMLError:  # older than Volta
            return None

    def facts(self) -> dict[str, Any]:
        """Driver, clocks and the other processes that computed on it, at this moment."""
        if self.nvml is None:
            return {"nvml": f"not read: {self.missing}"}
        nvml, handle = self.nvml, self.handle
        clocks = {"sm": nvml.NVML_CLOCK_SM, "memory": nvml.NVML_CLOCK_MEM}
        try:
            running = nvml.nvmlDeviceGetComputeRunningProcesses(handle)
            return {
                "driver": str(nvml.nvmlSystemGetDriverVersion()),
                "clocks_mhz": {
                    name: nvml.nvmlDeviceGetClockInfo(handle, kind) for name, kind in clocks.items()
                },
                "largest_clocks_mhz": {
                    name: nvml.nvmlDeviceGetMaxClockInfo(handle, kind)
                    for name, kind in clocks.items()
                },
                "other_processes": sum(process.pid != os.getpid() for process in running),
            }
        except nvml.NVMLError as error:
            return {"nvml": f"not read: {error}"}


def find_gpu(device: str) -> Gpu:
    """The GPU of a torch device."""
    if not device.startswith("cuda"):
        return Gpu(missing="the device is no NVIDIA GPU")
    try:
        nvml = import_module("pynvml")
    except ImportError:
        return Gpu(missing="the package pynvml (nvidia-ml-py) is not installed")
    try:
        nvml.nvmlInit()
        uuid = str(torch.cuda.get_device_properties(device).uuid)  # numbers of torch may differ
        return Gpu(nvml, nvml.nvmlDeviceGetHandleByUUID(f"GPU-{uuid}"))
    except (nvml.NVMLError, AttributeError) as error:
        return Gpu(missing=str(error))
