"""Drawing from a trained or imported system: `rqbench sample`, for Python users too."""

from .condition_file import read_conditions
from .request import Request
from .sample import Sampled, Shared, draw_share, sample
from .share import Share, parse_share
from .system import SystemEntry, TrainedSystem, load_system, write_system

__all__ = [
    "Request",
    "Sampled",
    "Share",
    "Shared",
    "SystemEntry",
    "TrainedSystem",
    "draw_share",
    "load_system",
    "parse_share",
    "read_conditions",
    "sample",
    "write_system",
]
