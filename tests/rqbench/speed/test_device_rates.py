"""Mirrors rqbench/speed/device_rates.py."""

from dataclasses import replace

import torch
from torch import nn

from rqbench.speed import device_rates
from rqbench.speed.clock import Lap
from rqbench.speed.device_rates import (
    DeviceRates,
    ModelSizes,
    bandwidth,
    best_rates,
    measure_rates,
    product_rate,
    sizes_of,
)


def test_the_sizes_are_those_of_all_linear_layers_and_of_the_shape_that_holds_most():
    model = nn.Sequential(
        nn.Embedding(900, 4), nn.Linear(4, 16), nn.Linear(4, 16), nn.Linear(10, 10)
    )
    assert sizes_of(model) == ModelSizes(4 * (64 + 64 + 100), 4, 16)
    assert sizes_of(model.bfloat16()).weight_bytes == 2 * (64 + 64 + 100)


def a_clock(seconds: float):
    """Every call takes as long as every other."""

    def timed(device, work):
        work()
        return None, Lap(seconds, seconds)

    return timed


def test_rates_are_counted_bytes_and_operations_over_seconds(monkeypatch):
    """One call a try, as it lasts longer than a try must."""
    monkeypatch.setattr(device_rates, "timed", a_clock(0.5))
    assert bandwidth(4096 * 3, "cpu") == 4096 * 3 / 0.5
    assert product_rate((2, 3, 5), "cpu", torch.float32) == 2 * 2 * 3 * 5 / 0.5


def test_small_weights_are_measured_in_a_buffer_that_is_not_smaller_than_the_call(monkeypatch):
    monkeypatch.setattr(device_rates, "timed", a_clock(0.5))
    found = measure_rates(ModelSizes(10, 3, 5), 7, "cpu", torch.float32)
    assert found.buffer_bytes == 4 * 2**20
    assert (found.product, found.large_product) == ((7, 3, 5), (1024, 1024, 1024))


def test_the_best_rates_are_those_of_equal_sizes():
    own = DeviceRates(1.0, 5.0, 3.0, 64, (1, 2, 2), (8, 8, 8))
    faster = DeviceRates(2.0, 4.0, 7.0, 64, (1, 2, 2), (8, 8, 8))
    other = DeviceRates(9.0, 9.0, 9.0, 32, (4, 2, 2), (9, 9, 9))
    assert best_rates(own, [own, faster, other]) == replace(
        own, bytes_per_s=2.0, large_operations_per_s=7.0
    )
