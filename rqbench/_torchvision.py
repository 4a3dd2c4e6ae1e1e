"""torchvision beside a CPU build of torch, where importing it fails."""

import importlib
import sys
from types import ModuleType
from typing import Any

_DECLARATIONS = (
    "nms(Tensor dets, Tensor scores, float iou_threshold) -> Tensor",
    "qnms(Tensor dets, Tensor scores, float iou_threshold) -> Tensor",
)
_kept_alive: list[Any] = []  # torch forgets operators when the library that declared them dies


def import_torchvision() -> ModuleType:
    """torchvision, mended where its compiled half cannot load.

    The wheel on PyPI is linked against CUDA. Beside a CPU build of torch its compiled half is
    skipped in silence, and torchvision then registers shape functions for two operators that nobody
    declared (pytorch/vision issues 9077 and 9085). Declaring the two lets everything in Python
    work; the operators themselves still fail when called, and nothing here calls them.

    Raises:
        RuntimeError: any other reason for which torchvision does not import.
    """
    try:
        return importlib.import_module("torchvision")
    except RuntimeError as error:
        if "torchvision::nms" not in str(error):
            raise
    for name in [name for name in sys.modules if name.split(".")[0] == "torchvision"]:
        del sys.modules[name]  # half imported
    library: Any = importlib.import_module("torch.library").Library("torchvision", "FRAGMENT")
    for declaration in _DECLARATIONS:
        library.define(declaration)
    _kept_alive.append(library)
    return importlib.import_module("torchvision")
