"""Mirrors rqbench/averaging.py."""

import pytest
import torch
from torch import nn

from rqbench.averaging import average_weights


class One(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.zeros(1))
        self.register_buffer("codebook", torch.zeros(1))


def averages(decay: float) -> list[float]:
    """The average after the weight has been 1, 2 and 3."""
    model = One()
    averaged = average_weights(model, decay)
    found = []
    for value in (1.0, 2.0, 3.0):
        model.weight.data.fill_(value)
        averaged.update_parameters(model)
        found.append(averaged.module.weight.item())
    return found


def test_the_decay_rises_to_its_value():
    second = 1 * 2 / 11 + 2 * 9 / 11
    assert averages(0.99) == pytest.approx([1.0, second, second * 3 / 12 + 3 * 9 / 12])


def test_a_small_decay_holds_from_the_start():
    assert averages(0.1) == pytest.approx([1.0, 1.9, 0.19 + 2.7])


def test_no_decay_keeps_the_newest_weights():
    assert averages(0.0) == [1.0, 2.0, 3.0]


def test_buffers_are_copied_and_not_averaged():
    model = One()
    averaged = average_weights(model, 0.9)
    for value in (1.0, 2.0):
        model.codebook.fill_(value)
        averaged.update_parameters(model)
    assert averaged.module.codebook.item() == 2.0
