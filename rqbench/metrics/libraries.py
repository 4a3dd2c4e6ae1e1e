"""The one door to torch-fidelity, clean-fid and lpips, all of which import torchvision."""

import importlib
import warnings
from collections.abc import Iterable
from importlib.metadata import version
from typing import Any, Literal

from rqbench._torchvision import import_torchvision

Library = Literal["clean-fid", "torch-fidelity"]


def library(module: str) -> Any:
    """Import one module of a measuring library, such as "torch_fidelity.metric_kid".

    Late and by name, so that PSNR needs no torchvision. What these libraries warn of while they are
    imported concerns their authors, not the user.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import_torchvision()
        return importlib.import_module(module)


def versions(libraries: Iterable[Library]) -> dict[str, str]:
    """Which code of theirs runs here."""
    return {each: version(each) for each in libraries}
