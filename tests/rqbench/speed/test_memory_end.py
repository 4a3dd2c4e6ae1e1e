"""Mirrors rqbench/speed/memory_end.py."""

import pytest
import torch

from rqbench.speed.memory_end import memory_ended


def failing(error: Exception):
    def work() -> None:
        raise error

    return work


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (torch.OutOfMemoryError("CUDA out of memory. Tried 75 GiB.\nmore"),
         "CUDA out of memory. Tried 75 GiB."),
        (RuntimeError("[enforce fail] DefaultCPUAllocator: can't allocate memory: you tried"),
         "[enforce fail] DefaultCPUAllocator: can't allocate memory: you tried"),
        (RuntimeError("CUDA error: CUBLAS_STATUS_ALLOC_FAILED when calling"),
         "CUDA error: CUBLAS_STATUS_ALLOC_FAILED when calling"),
        (MemoryError(), "MemoryError"),
    ],
)  # fmt: skip
def test_where_memory_ended_its_first_line_is_the_result(error, said):
    assert memory_ended(failing(error)) == said


def test_work_that_fits_says_nothing_and_other_faults_are_raised():
    assert memory_ended(lambda: 7) == ""
    with pytest.raises(RuntimeError, match="must match"):
        memory_ended(failing(RuntimeError("The size of tensor a must match")))
