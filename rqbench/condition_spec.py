"""The condition of a prior: a class, a caption, the codes of another picture."""

from dataclasses import dataclass


@dataclass(frozen=True)
class ConditionSpec:
    """What a prior is conditioned on: `length` integers in [0, vocab_size) an image (a class is
    length 1).

    Attributes:
        null: whether there is one integer more, `vocab_size`, that stands for no condition. A prior
            learns it by label dropout, and guidance needs it.
    """

    vocab_size: int
    length: int = 1
    null: bool = False

    @property
    def num_symbols(self) -> int:
        """Rows of a table that has one for each integer."""
        return self.vocab_size + self.null
