"""Mirrors rqbench/metrics/first_order.py."""

import pytest
import torch

from rqbench.metrics.first_order import first_order
from rqbench.metrics.influence import Influence
from rqbench.resampling import leave_out

LABELS = ["b", "a", "b", "c", "a", "b"]
VALUES = torch.tensor([3.0, 1.0, 5.0, 8.0, 2.0, 5.0], dtype=torch.float64)


def test_of_a_mean_it_is_the_mean_of_the_rest():
    """Whose influences are the values themselves, up to a constant."""
    expected = leave_out(lambda kept: float(VALUES[kept].mean()), LABELS)
    found = first_order(4.0, Influence(VALUES + 100), LABELS)
    assert found.groups == expected.groups == ["a", "b", "c"]
    assert found.replicates == pytest.approx(expected.replicates)  # 21/4, 11/3, 16/5


def test_one_group_leaves_nothing():
    assert first_order(4.0, Influence(VALUES), ["a"] * 6).replicates == []
