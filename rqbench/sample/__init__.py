"""Drawing from a trained or imported system: `rqbench sample`, for Python users too."""

from .condition_file import read_conditions
from .request import Request
from .sample import Sampled, sample
from .system import SystemEntry, TrainedSystem, load_system, write_system

__all__ = [
    "Request",
    "Sampled",
    "SystemEntry",
    "TrainedSystem",
    "load_system",
    "read_conditions",
    "sample",
    "write_system",
]
