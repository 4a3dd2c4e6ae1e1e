"""Where a number was measured: versions, device and threads, never the machine's name."""

import os
import platform
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from .errors import ConfigError
from .files import digest_of

PACKAGES = (
    "rqbench", "torch", "torchvision", "torch-fidelity", "clean-fid", "numpy", "scipy", "pandas",
    "pillow", "scikit-image", "scikit-learn",
)  # fmt: skip


def find_device(name: str) -> str:
    """The device that "auto", "cpu" or "cuda[:i]" stands for here.

    Raises:
        ConfigError: a device that is not there.
    """
    import torch

    if name == "auto":
        return "cuda" if torch.cuda.is_available() else "cpu"
    if name != "cpu" and name.partition(":")[0] != "cuda":
        raise ConfigError(f"--device {name!r} is none of auto, cpu, cuda, cuda:0, cuda:1 ...")
    if name.startswith("cuda"):
        count = torch.cuda.device_count()
        index = name.partition(":")[2] or "0"
        if not index.isdigit() or int(index) >= count:
            raise ConfigError(
                f"--device {name!r} is not there: torch {torch.__version__} sees {count} CUDA "
                f"devices. "
                "Use --device cpu, or install a CUDA build of torch."
            )
    return name


def describe_environment(device: str) -> dict[str, Any]:
    """Versions and device, the same for every run on one machine."""
    import torch

    facts: dict[str, Any] = {
        "python": platform.python_version(),
        "system": f"{platform.system()} {platform.machine()}",
        "packages": {name: _version(name) for name in PACKAGES},
        "device": device,
        "threads": torch.get_num_threads(),
        "cores": os.cpu_count(),
    }
    if device.startswith("cuda"):
        properties = torch.cuda.get_device_properties(device)
        facts["device_name"] = properties.name
        facts["device_memory_bytes"] = properties.total_memory
        facts["cuda"] = torch.version.cuda
        facts["float32_matmul_precision"] = torch.get_float32_matmul_precision()
    else:
        facts["device_name"] = _cpu_name()
    return facts


def environment_id(facts: dict[str, Any]) -> str:
    return digest_of(facts)[:12]


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return "not installed"


def _cpu_name() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return platform.processor() or "unknown"
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.processor() or "unknown"
