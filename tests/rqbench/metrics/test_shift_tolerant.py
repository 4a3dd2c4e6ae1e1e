"""Mirrors rqbench/metrics/shift_tolerant.py."""

import torch

from rqbench.metrics.shift_tolerant import MIN_SIDE, BlurPool, ShiftTolerantAlexNet


def test_the_blur_weighs_one_two_one_each_way_and_reflects_its_borders():
    row = torch.tensor([0.0, 4.0, 8.0, 0.0])
    blurred = BlurPool(1)(row.expand(1, 1, 4, 4))
    # Reflected by two: 8 4 | 0 4 8 0 | 8 4; windows start at 0, 2 and 4
    assert blurred[0, 0].tolist() == [[4.0, 4.0, 4.0]] * 3


def test_each_group_gives_one_tap_down_to_the_smallest_side():
    taps = ShiftTolerantAlexNet()(torch.rand(1, 3, MIN_SIDE, MIN_SIDE))
    assert [tap.shape[1] for tap in taps] == [64, 192, 384, 256, 256]
