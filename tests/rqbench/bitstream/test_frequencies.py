"""Mirrors rqbench/bitstream/frequencies.py."""

import constriction
import numpy as np
import pytest
import torch

from rqbench.bitstream.frequencies import TOTAL, entropy_model, frequencies
from rqbench.errors import UnsupportedError


def all_legal(logits):
    return torch.ones(logits.shape, dtype=torch.bool)


def test_what_is_certain_gets_everything_but_one_for_each_other_symbol():
    logits = torch.tensor([[0.0, -1000.0, -1000.0]])
    assert frequencies(logits, all_legal(logits)).tolist() == [[TOTAL - 2, 1, 1]]


def test_shares_are_rounded_down_and_the_rest_goes_to_the_most_probable():
    logits = torch.zeros(1, 3)
    # 1 + floor((2^24 - 3) / 3) each; the first of the equals gets the two that are left
    assert frequencies(logits, all_legal(logits)).tolist() == [[5592406, 5592405, 5592405]]


def test_illegal_symbols_get_nothing_whatever_their_logits():
    legal = torch.tensor([[True, False, True]])
    shares = frequencies(torch.tensor([[0.0, 50.0, 0.0]]), legal)
    assert shares.tolist() == [[TOTAL // 2, 0, TOTAL // 2]]


@pytest.mark.parametrize("scale", [0.1, 3, 30])
@pytest.mark.parametrize("num_symbols", [2, 7, 16384])
def test_no_symbol_costs_more_than_the_bound_past_its_probability(num_symbols, scale):
    logits = scale * torch.randn(3, num_symbols)
    shares = frequencies(logits, all_legal(logits))
    assert shares.sum(dim=1).tolist() == [TOTAL] * 3
    assert int(shares.min()) >= 1
    wasted = logits.double().log_softmax(dim=1) - (shares.double() / TOTAL).log()
    assert wasted.max().item() <= -np.log1p(-num_symbols / TOTAL) + 1e-12


def test_logits_that_are_not_finite_are_refused():
    logits = torch.tensor([[0.0, torch.nan]])
    with pytest.raises(UnsupportedError, match="not finite"):
        frequencies(logits, all_legal(logits))


@pytest.mark.parametrize("scale", [0.1, 3, 30])
@pytest.mark.parametrize("num_symbols", [2, 3, 1000])
def test_the_coder_takes_exactly_these_frequencies(num_symbols, scale):
    logits = scale * torch.randn(1, num_symbols)
    shares = frequencies(logits, all_legal(logits))[0].numpy()
    model = entropy_model(shares)
    ends = np.cumsum(shares)
    for symbol, (start, end) in enumerate(zip(ends - shares, ends, strict=True)):
        assert decoded_at(int(start), model) == symbol
        assert decoded_at(int(end) - 1, model) == symbol


def decoded_at(quantile, model):
    """The symbol whose interval holds a number in [0, 2^24): a fresh decoder splits its range of
    2^64 - 1 into 2^24 parts."""
    point = quantile * ((2**64 - 1) >> 24)
    words = np.array([point >> 32, point & 0xFFFFFFFF], dtype=np.uint32)
    return constriction.stream.queue.RangeDecoder(words).decode(model)
