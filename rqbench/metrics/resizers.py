"""Resizers by name: how a picture comes to the size that a network sees."""

import warnings
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float, Shaped
from torch import Tensor

from rqbench.errors import ConfigError, did_you_mean

from .libraries import Library, library

Picture = Shaped[np.ndarray, "_ _ 3"]
Resize = Callable[[Picture], Picture]


@dataclass(frozen=True)
class Resizer:
    """
    Attributes:
        title: whose it is, for people.
        code: the library whose code resizes; None where the network's does.
        made_of: clean-fid's words for it, where it runs picture by picture on the CPU; None where
            the network's device does it.
    """

    title: str
    code: Library | None
    made_of: tuple[str, bool, str] | None = None


IN_NETWORK = "network"
"""The network takes 8-bit pictures of any size and resizes them itself."""

TENSORFLOW = "tf1-bilinear"

RESIZERS = {
    TENSORFLOW: Resizer("torch-fidelity bilinear as TensorFlow 1", "torch-fidelity"),
    IN_NETWORK: Resizer("inside the network", None),
    "pil-bicubic": Resizer("clean-fid PIL bicubic", "clean-fid", ("PIL", False, "bicubic")),
    "pil-bilinear": Resizer("clean-fid PIL bilinear", "clean-fid", ("PIL", False, "bilinear")),
    "pil-lanczos": Resizer("clean-fid PIL Lanczos", "clean-fid", ("PIL", False, "lanczos")),
    "torch-bilinear": Resizer(
        "PyTorch bilinear without antialias", "clean-fid", ("PyTorch", False, "bilinear")
    ),
}


def find_resizer(name: str) -> Resizer:
    """
    Raises:
        ConfigError: no such resizer.
    """
    if name not in RESIZERS:
        raise ConfigError(
            f"No resizer is called {name!r}.{did_you_mean(name, RESIZERS)} "
            f"There are: {', '.join(RESIZERS)}."
        )
    return RESIZERS[name]


def cpu_resize(name: str, side: int) -> Resize:
    """One picture, 8-bit or floats of 0 to 255, to side x side floats of 0 to 255; unchanged where
    the device resizes."""
    made_of = find_resizer(name).made_of
    if made_of is None:
        return lambda picture: picture
    with warnings.catch_warnings():  # the making turns all warnings of the process off
        resize: Resize = library("cleanfid.resize").make_resizer(*made_of, (side, side))
    return resize


def tensorflow_resize(
    pixels: Float[Tensor, "b 3 H W"], side: int
) -> Float[Tensor, "b 3 {side} {side}"]:
    """As TensorFlow 1 did it: corners not centred, without antialias."""
    interpolate = library("torch_fidelity.interpolate_compat_tensorflow")
    resized: Tensor = interpolate.interpolate_bilinear_2d_like_tensorflow1x(
        pixels, size=(side, side), align_corners=False
    )
    return resized
