"""Work that may not fit into memory, which is a result and no crash."""

import gc
from collections.abc import Callable

import torch

SAID = ("can't allocate memory", "not enough memory", "out of memory", "ALLOC_FAILED")
"""By the CPU's allocator, and by libraries that take memory on CUDA past torch's."""


def memory_ended(work: Callable[[], object]) -> str:
    """Do the work; what was said where memory ended, and else nothing."""
    try:
        work()
        return ""
    except (torch.OutOfMemoryError, MemoryError) as error:
        said = str(error) or type(error).__name__
    except RuntimeError as error:
        said = str(error)
        if not any(words in said for words in SAID):
            raise
    free_unused()
    return said.splitlines()[0]


def free_unused() -> None:
    """Give back what torch keeps for later, so that others can have it."""
    gc.collect()
    if torch.cuda.is_available():
        torch.cuda.empty_cache()
