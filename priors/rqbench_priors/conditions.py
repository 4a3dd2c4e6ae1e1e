"""How long a condition is, and whether it is one that a prior was built for."""

from jaxtyping import Int
from torch import Tensor

from rqbench.api import ConditionSpec, UnsupportedError


def prefix_length(condition: ConditionSpec | None) -> int:
    """Tokens in front of all codes: without a condition there is a start token."""
    return condition.length if condition else 1


def check_condition(
    spec: ConditionSpec | None, condition: Int[Tensor, "b c"] | None, num_images: int
) -> None:
    """
    Raises:
        UnsupportedError: a condition that the prior was not built for, or none where it needs one;
            on the CPU also one out of range (elsewhere a look at values would make the host wait).
    """
    if spec is None:
        if condition is not None:
            raise UnsupportedError(
                "This prior was built without a condition and cannot use one. "
                "Leave the condition out, or train a prior with it."
            )
        return
    wanted = num_images, spec.length
    if condition is None or tuple(condition.shape) != wanted:
        got = "none" if condition is None else f"one of shape {tuple(condition.shape)}"
        raise UnsupportedError(
            f"This prior needs a condition of shape {wanted} with integers in "
            f"[0, {spec.num_symbols}), and got {got}. Pass one row an image."
        )
    if condition.device.type == "cpu" and condition.numel():
        low, high = int(condition.min()), int(condition.max())
        if low < 0 or high >= spec.num_symbols:
            raise UnsupportedError(
                f"The condition runs from {low} to {high}, and this prior knows 0 to "
                f"{spec.num_symbols - 1}."
            )
