"""Where in a checkpoint a published tokenizer lies, and what of it is left out."""

from collections.abc import Callable, Iterable

from rqbench.api import FIRST_STAGE, Dropped

PREFIXES = ("", FIRST_STAGE)
HALVES = ("encoder.down.", "decoder.up.", "quant_conv.")

LOSSES = Dropped(r"loss\..*", "perceptual network and discriminator, which belong to its training")


def prefix_of(keys: Iterable[str], is_ours: Callable[[list[str]], bool]) -> str | None:
    """The prefix below which a tokenizer of this family lies; None where there is none.

    Args:
        is_ours: whether the keys below a prefix, which have both halves, are of the family.
    """
    known = list(keys)
    for prefix in PREFIXES:
        below = [key.removeprefix(prefix) for key in known if key.startswith(prefix)]
        if all(any(key.startswith(half) for key in below) for half in HALVES) and is_ours(below):
            return prefix
    return None
