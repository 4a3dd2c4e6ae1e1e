"""Whether a prior was trained on the codes of a tokenizer."""

from contextlib import suppress

import torch
from jaxtyping import Float
from torch import Tensor

from ..errors import ConfigError
from ..layout import CodeLayout
from ..prior import Prior
from ..tokenizer import Tokenizer

MAX_DOWNSAMPLE = 64
"""Pixels a cell side up to which a prior's grid is looked for."""


def check_pair(
    name: str,
    tokenizer: Tokenizer,
    prior: Prior,
    codebook: Float[Tensor, "d k e"] | None,
    resolution: int | None = None,
) -> None:
    """Compare what a prior was made for with a tokenizer.

    Args:
        name: of the system, for messages.
        codebook: the vectors that the prior was trained with, if they are known.
        resolution: side of the images that the tokenizer was made for; None leaves the grid open,
            since a convolutional tokenizer takes images of any size.

    Raises:
        ConfigError: codes of another layout, or codes that name other vectors.
    """
    layouts = _layouts(tokenizer, prior.layout, resolution)
    if prior.layout not in layouts:
        size = f" for images of {resolution} px" if resolution else ""
        gives = str(layouts[0]) if layouts else f"never {prior.layout.height} cells high"
        raise ConfigError(
            f"{name!r}: the prior models codes of {prior.layout}, and those of the tokenizer are "
            f"{gives}{size}. A prior needs the tokenizer that it was trained with."
        )
    vectors = tokenizer.codebook()
    if codebook is None or vectors is None:
        return
    if not torch.equal(codebook.cpu(), vectors.detach().cpu()):
        raise ConfigError(
            f"{name!r}: the codes of this tokenizer name other vectors than those that the prior "
            "was trained with. A prior needs the tokenizer that it was trained with."
        )


def _layouts(tokenizer: Tokenizer, wanted: CodeLayout, resolution: int | None) -> list[CodeLayout]:
    """The layout at a resolution; without one, all that have so many cells a side."""
    if resolution is not None:
        return [tokenizer.layout(resolution)]
    found = []
    for downsample in range(1, MAX_DOWNSAMPLE + 1):
        with suppress(ConfigError):  # a side that it cannot divide
            found.append(tokenizer.layout(wanted.height * downsample))
    return [layout for layout in found if layout.height == wanted.height]
