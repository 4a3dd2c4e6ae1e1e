"""Mirrors rqbench/metrics/rate.py."""

import math

import pytest
import torch

from rqbench.codes import Codes
from rqbench.layout import CodeLayout
from rqbench.metrics.rate import ZeroOrder, nominal_rates
from rqbench.metrics.smoothing import best_amount

STACK = CodeLayout(1, 2, 2, 2)
GRAINS = CodeLayout(2, 2, 1, 2, (2, 1))


def test_each_depth_has_its_own_frequencies():
    # First depth: 9 times 0, once 1; second: 20 times 0. `test_smoothing.py` finds the amounts that
    # are added to each of these two symbols, 4/3 and 1/2.
    first, second = torch.tensor([0] * 9 + [1]), torch.zeros(10, dtype=torch.int64)
    training = torch.stack([first, second], dim=1)[:, None, None].expand(-1, 1, 2, -1)
    fitted = ZeroOrder.fit(Codes(training, STACK))
    held_out = Codes(torch.tensor([[[[0, 1], [1, 0]]], [[[0, 0], [0, 0]]]]), STACK)
    amount = best_amount(torch.tensor([18, 2]))
    likely, unlikely = (-math.log2((n + amount) / (20 + 2 * amount)) for n in (18, 2))
    always, never = -math.log2(20.5 / 21), -math.log2(0.5 / 21)
    expected = [likely + unlikely + always + never, 2 * likely + 2 * always]
    assert fitted.bits(held_out).tolist() == pytest.approx(expected, rel=1e-9)


def test_a_coarse_code_is_paid_once_and_the_map_is_paid_too():
    values = torch.tensor([[[1, 1], [1, 1]], [[1, 1], [1, 1]], [[0, 0], [0, 0]]])[..., None]
    codes = Codes(values, GRAINS, torch.tensor([[[0]], [[0]], [[1]]]))
    fitted = ZeroOrder.fit(codes)
    # Coarse codes: two times 1. Fine codes: four times 0. Half a count is added to each symbol
    coarse, fine = -math.log2(2.5 / 3), -4 * math.log2(4.5 / 5)
    assert fitted.content_bits(codes).tolist() == pytest.approx([coarse, coarse, fine], rel=1e-9)
    # Grains: 0 twice and 1 once, which is too little to call them uneven
    assert fitted.side_bits(codes).tolist() == pytest.approx([1, 1, 1], abs=1e-3)
    assert torch.equal(fitted.bits(codes), fitted.content_bits(codes) + fitted.side_bits(codes))


def test_rates_of_dynamic_codes_are_also_told_for_codes_and_map_apart():
    values = torch.tensor([[[1, 1], [1, 1]], [[0, 0], [0, 0]]])[..., None]
    codes = Codes(values, GRAINS, torch.tensor([[[0]], [[1]]]))
    nominal = {metric: found.tolist() for metric, found in nominal_rates(codes, 10).items()}
    assert nominal == {  # one bit a code and one for the only region
        "rate_nominal_bpp": [0.2, 0.5],
        "rate_nominal_content_bpp": [0.1, 0.4],
        "rate_nominal_side_bpp": [0.1, 0.1],
    }
    fitted = ZeroOrder.fit(codes)
    empirical = fitted.rates(codes, 10)
    assert torch.equal(empirical["rate_empirical_bpp"], fitted.bits(codes) / 10)
    assert torch.equal(empirical["rate_empirical_side_bpp"], fitted.side_bits(codes) / 10)


def test_codes_of_fixed_length_have_one_rate():
    codes = Codes(torch.zeros(3, 1, 2, 2, dtype=torch.int64), STACK)
    assert nominal_rates(codes, 8)["rate_nominal_bpp"].tolist() == [0.5] * 3
    assert nominal_rates(codes, 8).keys() == {"rate_nominal_bpp"}
    assert ZeroOrder.fit(codes).rates(codes, 8).keys() == {"rate_empirical_bpp"}


def test_even_codes_cost_their_nominal_bits():
    layout = CodeLayout(4, 4, 1, 16)
    codes = Codes(torch.arange(16).view(1, 4, 4, 1), layout)
    assert ZeroOrder.fit(codes).bits(codes).item() == pytest.approx(codes.nominal_bits().item())


def test_codes_of_another_layout_are_refused():
    fitted = ZeroOrder.fit(Codes(torch.zeros(1, 1, 2, 2, dtype=torch.int64), STACK))
    other = Codes(torch.zeros(1, 1, 2, 1, dtype=torch.int64), CodeLayout(1, 2, 1, 2))
    with pytest.raises(ValueError, match="same tokenizer"):
        fitted.bits(other)
