"""Finding the size at which two models cost the same, and refusing what stays unequal."""

from bisect import bisect_left
from collections.abc import Callable, Mapping

from rqbench.api import ConfigError, within


def nearest_size(amount: Callable[[int], int], target: int, low: int, high: int) -> int:
    """The size in [low, high] whose amount, which rises with it, is nearest to the target."""
    above = bisect_left(range(low, high), target, key=amount) + low
    below = max(above - 1, low)
    return min(below, above, key=lambda size: abs(amount(size) - target))


def hold_equal(quantity: str, amounts: Mapping[str, int], mend: str) -> None:
    """
    Args:
        amounts: by name of the model.
        mend: what the user may change.

    Raises:
        ConfigError: they differ by more than 2%.
    """
    least, most = min(amounts, key=amounts.__getitem__), max(amounts, key=amounts.__getitem__)
    if not within(amounts[least], amounts[most]):
        raise ConfigError(
            f"experiment.scale: {quantity} of {least} and {most} would be {amounts[least]:,.0f} "
            f"and {amounts[most]:,.0f}, and may differ by 2% at most. {mend}"
        )
