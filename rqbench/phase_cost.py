"""What sampling costs, counted and not timed."""

from dataclasses import dataclass


@dataclass(frozen=True)
class PhaseCost:
    """What one phase of sampling, such as the body or the head, must move, do and hold.

    Attributes:
        bytes_moved: read or written where weights and caches live.
        operations: of floating-point numbers; a multiply-add is two.
        cache_bytes: of keys and values, when the last symbol is drawn.
    """

    bytes_moved: int
    operations: int
    cache_bytes: int = 0

    def __add__(self, other: "PhaseCost") -> "PhaseCost":
        return PhaseCost(
            self.bytes_moved + other.bytes_moved,
            self.operations + other.operations,
            self.cache_bytes + other.cache_bytes,
        )
