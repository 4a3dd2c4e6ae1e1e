"""Mirrors rqbench/metrics/rate.py."""

import math

import pytest
import torch

from rqbench.codes import Codes
from rqbench.layout import CodeLayout
from rqbench.metrics.rate import ZeroOrder

STACK = CodeLayout(1, 2, 2, 2)
GRAINS = CodeLayout(2, 2, 1, 2, (2, 1))


def test_each_depth_has_its_own_frequencies():
    # First depth: 0, 0; second: 0, 1. With half a count each: 2.5/3, 0.5/3; 1.5/3, 1.5/3
    fitted = ZeroOrder.fit(Codes(torch.tensor([[[[0, 0], [0, 1]]]]), STACK))
    held_out = Codes(torch.tensor([[[[0, 1], [1, 0]]], [[[0, 0], [0, 0]]]]), STACK)
    likely, unlikely, even = -math.log2(2.5 / 3), -math.log2(0.5 / 3), 1.0
    expected = [likely + unlikely + 2 * even, 2 * likely + 2 * even]
    assert fitted.bits(held_out).tolist() == pytest.approx(expected, rel=1e-12)


def test_a_coarse_code_is_paid_once_and_the_map_is_paid_too():
    values = torch.tensor([[[1, 1], [1, 1]], [[0, 1], [0, 0]]])[..., None]
    codes = Codes(values, GRAINS, torch.tensor([[[0]], [[1]]]))
    fitted = ZeroOrder.fit(codes)
    # Grains: one region each. Coarse codes: a single 1. Fine codes: 0, 1, 0, 0
    coarse = -math.log2(1.5 / 2)
    fine = -3 * math.log2(3.5 / 5) - math.log2(1.5 / 5)
    assert fitted.bits(codes).tolist() == pytest.approx([1 + coarse, 1 + fine], rel=1e-12)


def test_even_codes_cost_their_nominal_bits():
    layout = CodeLayout(4, 4, 1, 16)
    codes = Codes(torch.arange(16).view(1, 4, 4, 1), layout)
    assert ZeroOrder.fit(codes).bits(codes).item() == pytest.approx(codes.nominal_bits().item())


def test_codes_of_another_layout_are_refused():
    fitted = ZeroOrder.fit(Codes(torch.zeros(1, 1, 2, 2, dtype=torch.int64), STACK))
    other = Codes(torch.zeros(1, 1, 2, 1, dtype=torch.int64), CodeLayout(1, 2, 1, 2))
    with pytest.raises(ValueError, match="same tokenizer"):
        fitted.bits(other)
