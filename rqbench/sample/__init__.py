"""Drawing from a trained system of a run: `rqbench sample`, for Python users too."""

from .request import Request
from .sample import Sampled, sample
from .system import TrainedSystem, load_system

__all__ = ["Request", "Sampled", "TrainedSystem", "load_system", "sample"]
