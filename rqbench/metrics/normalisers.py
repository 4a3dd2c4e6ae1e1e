"""Normalisers by name: of pixels x from 0 to 255, what a network sees."""

from collections.abc import Callable

from jaxtyping import Float
from torch import Tensor

from rqbench.errors import ConfigError, did_you_mean

IN_NETWORK = "network"
"""The network does it itself."""

_IMAGENET_BGR = (103.939, 116.779, 123.68)  # means over ImageNet, as Caffe's networks take them


def _bgr_less_means(pixels: Float[Tensor, "b 3 H W"]) -> Float[Tensor, "b 3 H W"]:
    return pixels.flip(1) - pixels.new_tensor(_IMAGENET_BGR)[:, None, None]


NORMALISERS: dict[str, Callable[[Tensor], Tensor]] = {
    "(x-128)/128": lambda pixels: (pixels - 128) / 128,
    "2x/255-1": lambda pixels: 2 * (pixels / 255) - 1,
    "(x-127)/128": lambda pixels: (pixels - 127) / 128,
    "bgr(x)-(104,117,124)": _bgr_less_means,
    IN_NETWORK: lambda pixels: pixels,
}


def normaliser(name: str) -> Callable[[Tensor], Tensor]:
    """
    Raises:
        ConfigError: no such normaliser.
    """
    if name not in NORMALISERS:
        raise ConfigError(
            f"No way to normalise is called {name!r}.{did_you_mean(name, NORMALISERS)} "
            f"There are: {', '.join(NORMALISERS)}."
        )
    return NORMALISERS[name]
