"""Priors that are made of stacks of blocks, whose caches can be made for fast steps."""

from contextlib import AbstractContextManager

from rqbench.api import Prior

from .decoding.between import compiled_steps
from .decoding.stack import faster_steps


class StackPrior(Prior):
    """A prior whose `step` goes through the stacks' own caches."""

    @property
    def has_faster_steps(self) -> bool:
        return True

    def faster_steps(self) -> AbstractContextManager[None]:
        return faster_steps(self)

    @property
    def has_compiled_steps(self) -> bool:
        return True

    def compiled_steps(self) -> AbstractContextManager[None]:
        return compiled_steps()
