"""Mirrors rqbench/metrics/usage.py."""

import math

import pytest
import torch

from rqbench.codes import Codes, spread
from rqbench.errors import UnsupportedError
from rqbench.layout import CodeLayout
from rqbench.metrics.usage import (
    codebook_usage,
    count_codes,
    fine_ratio,
    grain_ratios,
    usage_of_counts,
)


def test_use_is_told_for_all_codes_and_for_each_depth():
    codes = Codes(torch.tensor([[[[0, 0], [0, 1]]]]), CodeLayout(1, 2, 2, 4))
    every, first, second = codebook_usage(codes)
    assert (every.settings, every.num_codes, every.used_share) == ({}, 4, 0.5)
    entropy = -(0.75 * math.log(0.75) + 0.25 * math.log(0.25))
    assert every.perplexity == pytest.approx(math.exp(entropy))
    assert (first.settings, first.used_share, first.perplexity) == ({"depth": 0}, 0.25, 1.0)
    assert (second.settings, second.used_share) == ({"depth": 1}, 0.5)
    assert second.perplexity == pytest.approx(2.0)


def test_a_coarse_code_counts_once_and_each_grain_is_told():
    layout = CodeLayout(2, 4, 1, 4, (2, 1))
    values = torch.tensor([[[3, 3, 0, 1], [3, 3, 2, 3]]])[..., None]
    every, coarse, fine = codebook_usage(Codes(values, layout, torch.tensor([[[0, 1]]])))
    assert (every.num_codes, every.used_share) == (5, 1.0)
    assert (coarse.settings, coarse.num_codes, coarse.used_share) == ({"grain": 0}, 1, 0.25)
    assert (fine.settings, fine.num_codes) == ({"grain": 1}, 4)
    assert fine.perplexity == pytest.approx(4.0)


def test_a_grain_that_no_region_got_uses_nothing():
    layout = CodeLayout(2, 2, 1, 4, (2, 1))
    codes = Codes(torch.zeros(1, 2, 2, 1, dtype=torch.int64), layout, torch.tensor([[[0]]]))
    assert codebook_usage(codes)[2].perplexity == 0.0


def test_fine_ratio_is_the_share_of_fine_regions_of_each_image():
    layout = CodeLayout(2, 4, 1, 4, (2, 1))
    zeros = torch.zeros(3, 2, 4, 1, dtype=torch.int64)
    codes = Codes(zeros, layout, torch.tensor([[[0, 0]], [[0, 1]], [[1, 1]]]))
    assert fine_ratio(codes).tolist() == [0.0, 0.5, 1.0]


def test_each_grain_has_its_share_of_each_image():
    layout = CodeLayout(4, 16, 1, 4, (4, 2, 1))
    zeros = torch.zeros(2, 4, 16, 1, dtype=torch.int64)
    codes = Codes(zeros, layout, torch.tensor([[[0, 1, 1, 2]], [[2, 2, 0, 2]]]))
    assert grain_ratios(codes).tolist() == [[0.25, 0.5, 0.25], [0.25, 0.0, 0.75]]
    assert fine_ratio(codes).tolist() == [0.25, 0.75]


def test_codes_of_fixed_length_have_no_fine_ratio():
    codes = Codes(torch.zeros(1, 2, 2, 1, dtype=torch.int64), CodeLayout(2, 2, 1, 4))
    with pytest.raises(UnsupportedError, match="no grains"):
        fine_ratio(codes)


def test_counts_of_two_batches_add_up_to_those_of_both():
    layout = CodeLayout(2, 4, 2, 4, (2, 1))
    values = torch.randint(4, (6, 2, 4, 2))
    grains = torch.randint(2, (6, 1, 2))
    codes = Codes(spread(values, grains, layout), layout, grains)
    together = count_codes(codes[:2]) + count_codes(codes[2:])
    assert together.shape == (2, 2, 4)
    assert int(together.sum()) == int(codes.num_codes().sum())
    assert usage_of_counts(together) == codebook_usage(codes)
