"""Mirrors rqbench/speed/nvml.py."""

import os
import sys
from types import SimpleNamespace

import pytest
import torch

from rqbench.speed.nvml import find_gpu


class FakeError(Exception):
    pass


def fake(uuid: str) -> SimpleNamespace:
    """A driver with one GPU, on which this process and one other compute."""

    def by_uuid(asked: str) -> str:
        if asked != f"GPU-{uuid}":
            raise FakeError(f"no {asked}")
        return "handle"

    running = [SimpleNamespace(pid=os.getpid()), SimpleNamespace(pid=1)]
    return SimpleNamespace(
        NVMLError=FakeError,
        NVML_CLOCK_SM="sm",
        NVML_CLOCK_MEM="memory",
        nvmlInit=lambda: None,
        nvmlDeviceGetHandleByUUID=by_uuid,
        nvmlDeviceGetTotalEnergyConsumption=lambda handle: 12_500,
        nvmlDeviceGetComputeRunningProcesses=lambda handle: running,
        nvmlSystemGetDriverVersion=lambda: "570.1",
        nvmlDeviceGetClockInfo=lambda handle, kind: {"sm": 1500, "memory": 2600}[kind],
        nvmlDeviceGetMaxClockInfo=lambda handle, kind: {"sm": 1980, "memory": 2619}[kind],
    )


@pytest.fixture
def cuda(monkeypatch: pytest.MonkeyPatch) -> None:
    properties = SimpleNamespace(uuid="abc")
    monkeypatch.setattr(torch.cuda, "get_device_properties", lambda device: properties)


def test_the_driver_tells_energy_clocks_and_other_processes(cuda, monkeypatch):
    monkeypatch.setitem(sys.modules, "pynvml", fake("abc"))
    gpu = find_gpu("cuda:0")
    assert gpu.energy_j() == 12.5
    assert gpu.facts() == {
        "driver": "570.1",
        "clocks_mhz": {"sm": 1500, "memory": 2600},
        "largest_clocks_mhz": {"sm": 1980, "memory": 2619},
        "other_processes": 1,
    }


def test_without_the_package_or_the_gpu_it_says_why_and_goes_on(cuda, monkeypatch):
    monkeypatch.setitem(sys.modules, "pynvml", None)  # importing it fails
    assert "pynvml" in find_gpu("cuda").facts()["nvml"]
    monkeypatch.setitem(sys.modules, "pynvml", fake("another"))
    unknown = find_gpu("cuda")
    assert unknown.facts() == {"nvml": "not read: no GPU-abc"}
    assert unknown.energy_j() is None
    assert find_gpu("cpu").facts() == {"nvml": "not read: the device is no NVIDIA GPU"}
