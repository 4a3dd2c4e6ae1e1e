"""Mirrors rqbench_priors/raster.py. What all priors must hold stands in test_conformance.py."""

import math

import pytest
import torch

from rqbench.api import CodeLayout, Codes
from rqbench_priors.raster import Raster, RasterConfig

GRAINS = CodeLayout(4, 4, 1, 5, (2, 1))


def silent(prior: Raster) -> Raster:
    for weight in prior.parameters():
        torch.nn.init.zeros_(weight)
    return prior.double()


def dynamic(grain_map: list[list[int]]) -> Codes:
    values = torch.zeros(1, 4, 4, 1, dtype=torch.int64)
    return Codes(values, GRAINS, torch.tensor([grain_map]))


def test_without_weights_stacks_cost_log_k_a_code():
    layout = CodeLayout(2, 2, 3, 7)
    codes = Codes(torch.zeros(1, 2, 2, 3, dtype=torch.int64), layout)
    assert silent(Raster.tiny(layout)).log_prob(codes).item() == pytest.approx(-12 * math.log(7))


def test_without_weights_a_map_costs_log_grains_a_region():
    log_prob = silent(Raster.tiny(GRAINS)).log_prob(dynamic([[0, 1], [1, 0]]))
    assert log_prob.item() == pytest.approx(-4 * math.log(2) - (1 + 4 + 4 + 1) * math.log(5))


def test_the_map_comes_first_then_contents_in_raster_order():
    values = torch.tensor([[0, 0, 1, 2], [0, 0, 3, 4], [1, 2, 4, 4], [3, 0, 4, 4]])[None, ..., None]
    codes = Codes(values, GRAINS, torch.tensor([[[0, 1], [1, 0]]]))
    contents = [0, 1, 2, 3, 4, 1, 2, 4, 3, 0]
    assert Raster.tiny(GRAINS).symbols(codes).tolist() == [[0, 1, 1, 0, *contents]]


def test_stacks_are_flattened_with_depth_innermost():
    layout = CodeLayout(1, 2, 2, 5)
    codes = Codes(torch.tensor([[[[0, 1], [2, 3]]]]), layout)
    assert Raster.tiny(layout).symbols(codes).tolist() == [[0, 1, 2, 3]]


def test_a_warm_start_codes_at_the_zero_order_rate():
    prior = silent(Raster.tiny(GRAINS))
    codes = dynamic([[0, 1], [0, 0]])
    prior.warm_start(codes)
    # add-one counts: grains 4 and 2 of 6, and all 7 contents are code 0: 8 of 12
    expected = 3 * math.log(4 / 6) + math.log(2 / 6) + 7 * math.log(8 / 12)
    assert prior.log_prob(codes).item() == pytest.approx(expected)


def test_the_published_size_is_ours_but_for_the_start_token():
    config = RasterConfig(layers=24, heads=16, width=1664, output_bias="none")
    with torch.device("meta"):
        prior = Raster(config, CodeLayout(16, 16, 1, 1024))
    start = 2 * 1664  # published: a row of the code table; ours: its own token with its own place
    assert sum(weight.numel() for weight in prior.parameters()) == 801_798_400 + start
