"""Settings of all tests."""

import matplotlib
import pytest
import torch

matplotlib.use("Agg")
torch.set_num_threads(1)


@pytest.fixture(autouse=True)
def seeded() -> None:
    """Each test starts from the same random state."""
    torch.manual_seed(0)
