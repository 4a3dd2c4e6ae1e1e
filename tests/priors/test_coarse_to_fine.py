"""Mirrors rqbench_priors/coarse_to_fine.py. What all priors must hold is in test_conformance.py."""

import math

import pytest
import torch

from rqbench.api import CodeLayout, Codes, UnsupportedError, spread
from rqbench_priors.coarse_to_fine import CoarseToFine, CoarseToFineConfig
from rqbench_priors.generation import forced

TWO = CodeLayout(4, 4, 1, 5, (2, 1))  # END is 4
THREE = CodeLayout(4, 8, 1, 5, (4, 2, 1))  # 2 regions, END is 2


def silent(layout: CodeLayout) -> CoarseToFine:
    prior = CoarseToFine.tiny(layout)
    for weight in prior.parameters():
        torch.nn.init.zeros_(weight)
    return prior.double()


def zeros(layout: CodeLayout, *maps: list[list[int]]) -> Codes:
    values = torch.zeros(len(maps), layout.height, layout.width, 1, dtype=torch.int64)
    return Codes(values, layout, torch.tensor(maps))


@pytest.mark.parametrize(
    ("grain_map", "choices", "num_codes"),
    [
        ([[0, 1], [1, 0]], 5 * 4, 10),  # one of 4 regions or END; then one of 3 or END; no END
        ([[1, 1], [1, 1]], 5, 16),
        ([[0, 0], [0, 0]], 5 * 4 * 3 * 2, 4),
        ([[1, 0], [1, 1]], 5 * 3, 13),
    ],
)
def test_without_weights_positions_cost_log_of_the_legal_choices(grain_map, choices, num_codes):
    log_prob = silent(TWO).log_prob(zeros(TWO, grain_map))
    assert log_prob.item() == pytest.approx(-math.log(choices) - num_codes * math.log(5))


@pytest.mark.parametrize(
    ("grain_map", "choices", "num_codes"),
    [
        ([[0, 1]], 3 * 2 * 2, 5),  # 0 of {0 1 END}, END of {1 END}, 1 of {1 END}, no END
        ([[1, 0]], 3 * 2, 5),  # 1 of {0 1 END}, no END; 0 of {0 END}, no END
        ([[2, 2]], 3 * 3, 32),
        ([[0, 0]], 3 * 2, 2),
    ],
)
def test_three_grains_pay_for_two_of_them(grain_map, choices, num_codes):
    log_prob = silent(THREE).log_prob(zeros(THREE, grain_map))
    assert log_prob.item() == pytest.approx(-math.log(choices) - num_codes * math.log(5))


def test_each_region_is_named_right_before_its_codes():
    values = torch.tensor([[0, 0, 1, 2], [0, 0, 3, 4], [1, 2, 4, 4], [3, 0, 4, 4]])[None, ..., None]
    codes = Codes(values, TWO, torch.tensor([[[0, 1], [1, 0]]]))
    fine = [1, 2, 3, 4, 1, 2, 3, 0]
    assert CoarseToFine.tiny(TWO).symbols(codes).tolist() == [[0, 0, 3, 4, *fine]]


def test_region_first_draws_the_same_codes_in_another_order(lively, random_codes):
    config = CoarseToFineConfig(
        width=16, heads=2, position_layers=1, content_layers=1, fine_order="region-first"
    )
    prior = lively(CoarseToFine(config, TWO))
    codes = random_codes(TWO, 4)
    back = prior.generate(forced(prior.symbols(codes)), 4)
    assert torch.equal(back.values, codes.values)
    row_first = CoarseToFine.tiny(TWO).symbols(codes)
    assert not torch.equal(prior.symbols(codes), row_first)
    assert torch.equal(prior.symbols(codes).sort().values, row_first.sort().values)


@pytest.mark.parametrize("layout", [CodeLayout(8, 8, 1, 5, (4, 2, 1)), THREE, TWO])
def test_maps_alone_sum_to_one_where_contents_say_nothing(lively, layout):
    prior = lively(CoarseToFine.tiny(layout))
    for silenced in (prior.codes.table, prior.content_head.linear.weight, prior.content_head.bias):
        torch.nn.init.zeros_(silenced)
    maps = torch.cartesian_prod(*[torch.arange(layout.num_grains)] * layout.num_regions)
    codes = zeros(layout, *maps.view(-1, *layout.region_grid).tolist())
    with torch.no_grad():
        positions = prior.log_prob(codes) + codes.num_codes().double() * math.log(5)
    assert positions.exp().sum().item() == pytest.approx(1, abs=1e-9)


def test_a_warm_start_codes_at_the_zero_order_rate():
    prior = silent(TWO)
    grain_map = torch.tensor([[[0, 1], [1, 1]], [[1, 1], [1, 0]], [[1, 1], [1, 1]]])
    values = spread(torch.zeros(3, 4, 4, 1, dtype=torch.int64), grain_map, TWO)
    codes = Codes(values, TWO, grain_map)
    prior.warm_start(codes)
    coarse = 3 / 14  # add-one counts of 2 in 12
    maps = 2 * math.log(coarse) + 10 * math.log(1 - coarse)
    contents = 42 * math.log(43 / 47)  # add-one counts of 42 zeros, k = 5
    assert prior.log_prob(codes).sum().item() == pytest.approx(maps + contents)


def test_codes_of_fixed_length_are_refused():
    with pytest.raises(UnsupportedError, match="raster prior"):
        CoarseToFine.tiny(CodeLayout(2, 2, 1, 5))
