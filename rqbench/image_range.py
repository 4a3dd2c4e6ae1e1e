"""Images outside [0, 1] are refused, where users bring their own to a tokenizer that was loaded."""

from types import MethodType

from jaxtyping import Float
from torch import Tensor

from .codes import Codes
from .errors import DataError
from .tokenizer import Tokenizer

SLACK = 1e-3
"""For what rounding adds. An image that was resized without a clamp overshoots by more."""


def refuse_other_ranges(tokenizer: Tokenizer) -> Tokenizer:
    """Let `encode` look at its images first. `forward`, which trains, does not: on a GPU it would
    have to wait at every step."""
    # of this one object: a subclass would give the model another name in records and messages
    tokenizer.encode = MethodType(_encode, tokenizer)  # type: ignore[method-assign]
    return tokenizer


def _encode(self: Tokenizer, images: Float[Tensor, "b 3 H W"]) -> Codes:
    check_range(images)
    return type(self).encode(self, images)


def check_range(images: Tensor) -> None:
    """
    Raises:
        DataError: images that are no floats in [0, 1]; says which they look like.
    """
    if images.is_meta or not images.numel():
        return
    low, high = (extreme.item() for extreme in images.aminmax())
    if images.is_floating_point() and low >= -SLACK and high <= 1 + SLACK:
        return
    if low >= 0 and 2 < high <= 255:
        mend = "Divide bytes by 255."
    elif low >= -1 - SLACK and high <= 1 + SLACK:
        mend = "From [-1, 1] it is images / 2 + 0.5."
    else:
        mend = "Clamp what resizing put outside, and leave out other normalisations."
    kind = str(images.dtype).removeprefix("torch.")
    raise DataError(
        f"The images are {kind} from {low:.4g} to {high:.4g}, and a tokenizer takes floats in "
        f"[0, 1]. {mend}"
    )
