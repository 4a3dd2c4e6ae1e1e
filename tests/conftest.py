"""Settings of all tests."""

import gc

import matplotlib
import pytest
import torch

matplotlib.use("Agg")
torch.set_num_threads(1)


def pytest_collection_finish() -> None:
    """What is imported stays: garbage collection need not go through it time and again."""
    gc.freeze()


@pytest.fixture(autouse=True)
def seeded() -> None:
    """Each test starts from the same random state."""
    torch.manual_seed(0)
