"""Whether a prior was trained on the codes of a tokenizer."""

import torch

from ..errors import CheckpointError, ConfigError
from ..layout import CodeLayout
from ..tokenizer import Tokenizer

MOST_DOWNSAMPLE = 64
"""Pixels per side of a cell up to which the size of a prior's images is looked for."""


def check_fit(
    prior: CodeLayout, tokenizer: Tokenizer, resolution: int | None, names: tuple[str, str]
) -> None:
    """Compare a prior's layout with that of a tokenizer's codes.

    Args:
        resolution: side of the images that the tokenizer was made for; None leaves the grid open,
            since a convolutional tokenizer takes images of any size.
        names: of the prior and the tokenizer, for the message.

    Raises:
        CheckpointError: they differ.
    """
    side = resolution or side_on_grid(prior, tokenizer)
    codes = tokenizer.layout(side) if side else None
    if codes == prior:
        return
    given = f"gives {codes} for images of {side} px" if side else "gives none on such a grid"
    raise CheckpointError(
        f"The prior {names[0]} models codes of {prior}, and the tokenizer {names[1]} {given}. "
        "A prior needs the tokenizer that it was trained with."
    )


def side_on_grid(prior: CodeLayout, tokenizer: Tokenizer) -> int | None:
    """Side in pixels of the square images whose codes lie on the prior's grid."""
    for downsample in range(1, MOST_DOWNSAMPLE + 1):
        try:
            found = tokenizer.layout(prior.height * downsample)
        except ConfigError:
            continue
        if (found.height, found.width) == (prior.height, prior.width):
            return prior.height * downsample
    return None


def check_same_vectors(own: Tokenizer, given: Tokenizer, names: tuple[str, str]) -> None:
    """Compare the tokenizer inside a prior's checkpoint with a given one.

    Raises:
        CheckpointError: their codes name other vectors.
    """
    mine, other = own.codebook(), given.codebook()
    if mine is None or other is None or mine.shape != other.shape or not torch.equal(mine, other):
        raise CheckpointError(
            f"{names[0]} holds a tokenizer of its own, and the codes of {names[1]} name other "
            "vectors. Leave out --tokenizer, or give the tokenizer that the prior was trained with."
        )
