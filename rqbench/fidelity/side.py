"""One of the two sets of a score, as traps see it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import UInt8

from .pictures import PictureFacts

_LOOKED_AT = 64  # pictures whose pixels are read again

Met = tuple[str, str] | None
"""The name of a trap and what was found; None where it was not met."""

Read = Callable[[int], UInt8[np.ndarray, "H W 3"]]


@dataclass(frozen=True)
class Side:
    """One of the two sets.

    Attributes:
        name: as the user calls it.
        n: pictures; None of statistics that do not say.
        facts: of each picture, in order; empty of statistics.
        read: gives a picture's pixels by its place; None of statistics.
        guessed: the class that the extractor thinks likeliest, for pictures without labels.
    """

    name: str
    n: int | None
    facts: Sequence[PictureFacts] = ()
    read: Read | None = None
    guessed: Sequence[int] = ()


def looked_at(side: Side) -> list[UInt8[np.ndarray, "_ _ 3"]]:
    """Some pictures, evenly spaced; none of statistics."""
    if side.read is None or not side.facts:
        return []
    places = np.linspace(0, len(side.facts) - 1, min(_LOOKED_AT, len(side.facts)))
    return [side.read(int(place)) for place in places.round()]
