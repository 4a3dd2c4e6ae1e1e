"""rqbench: compare image tokenizers and autoregressive priors in one harness."""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .importing.export_model import export_model
    from .importing.import_model import import_model
    from .models import load_model
    from .sample.system import load_system

__version__ = "0.1.0"
__all__ = ["export_model", "import_model", "load_model", "load_system"]

_PLACES = {
    "export_model": "rqbench.importing.export_model",
    "import_model": "rqbench.importing.import_model",
    "load_model": "rqbench.models",
    "load_system": "rqbench.sample.system",
}


def __getattr__(name: str) -> Any:
    """Import on first use, so that `rqbench --help` needs no torch."""
    if name not in _PLACES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(_PLACES[name]), name)
