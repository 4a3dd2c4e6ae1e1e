"""Mirrors rqbench_priors/legal.py."""

import math

import pytest
import torch

from rqbench.api import CodeLayout
from rqbench_priors.legal import (
    drawing_order,
    has_choice,
    last_named,
    legal_positions,
    positions,
    symbol_log_probs,
)

TWO = CodeLayout(4, 4, 1, 5, (2, 1))  # 4 regions of 1 or 4 codes; END is 4
THREE = CodeLayout(8, 8, 1, 5, (4, 2, 1))  # 4 regions of 1, 4 or 16 codes; END is 4


def test_positions_rise_among_what_coarser_grains_left_and_end_is_always_legal():
    grains = torch.tensor([[0, 2, 1, 2]])  # region 0 taken by grain 0, region 2 named by grain 1
    legal = legal_positions(grains, torch.tensor([1]), torch.tensor([-1]))
    assert legal.tolist() == [[False, True, True, True, True]]
    legal = legal_positions(grains, torch.tensor([1]), last_named(grains, torch.tensor([1])))
    assert legal.tolist() == [[False, False, False, True, True]]


def test_where_only_end_is_legal_there_is_no_choice():
    legal = legal_positions(torch.tensor([[1, 1, 1, 0]]), torch.tensor([0]), torch.tensor([3]))
    assert legal.tolist() == [[False, False, False, False, True]]
    assert not has_choice(legal).any()


@pytest.mark.parametrize(
    ("grains", "symbols", "slots"),
    [
        ([0, 1, 1, 0], [0, 3], [0, 1]),  # nothing after region 3: no END is drawn
        ([1, 0, 1, 1], [1, 4], [0, 1]),
        ([1, 1, 1, 1], [4], [0]),
        ([0, 0, 0, 0], [0, 1, 2, 3], [0, 1, 2, 3]),
    ],
)
def test_two_grains_name_the_coarse_regions_then_end(grains, symbols, slots):
    named = positions(torch.tensor([grains]), TWO)
    assert named.symbol.tolist() == [symbols]
    assert named.slot.tolist() == [slots]


@pytest.mark.parametrize(
    ("grains", "symbols", "whose", "slots"),
    [
        # region 3 is the last grain's: after 0 and END, 1 (4 codes), then END
        ([0, 1, 2, 2], [0, 4, 1, 4], [0, 0, 1, 1], [0, 1, 1, 5]),
        # grain 0 ends by itself after region 3, and grain 1 after region 2
        ([2, 1, 1, 0], [3, 1, 2], [0, 1, 1], [0, 1, 5]),
        ([0, 0, 0, 0], [0, 1, 2, 3], [0, 0, 0, 0], [0, 1, 2, 3]),
        ([2, 2, 2, 2], [4, 4], [0, 1], [0, 0]),
    ],
)
def test_three_grains_name_theirs_one_after_the_other(grains, symbols, whose, slots):
    named = positions(torch.tensor([grains]), THREE)
    assert named.symbol.tolist() == [symbols]
    assert named.grain.tolist() == [whose]
    assert named.slot.tolist() == [slots]


def test_shorter_images_end_in_minus_one():
    named = positions(torch.tensor([[1, 1, 1, 1], [0, 1, 1, 0]]), TWO)
    assert named.symbol.tolist() == [[4, -1], [0, 3]]


@pytest.mark.parametrize("layout", [TWO, THREE])
def test_each_map_is_one_sequence_and_uniform_choices_sum_to_one(layout):
    maps = torch.cartesian_prod(*[torch.arange(layout.num_grains)] * 4)
    named = positions(maps, layout)
    assert len(set(map(tuple, named.symbol.tolist()))) == len(maps)
    width = named.symbol.shape[1]
    legal = legal_positions(maps[:, None].expand(-1, width, -1), named.grain, named.last)
    logits = torch.zeros(legal.shape, dtype=torch.float64)
    total = symbol_log_probs(logits, named.symbol, legal).sum(dim=1).exp().sum()
    assert total.item() == pytest.approx(1, abs=1e-12)


def test_symbols_alternate_between_where_and_what():
    grains = torch.tensor([[0, 1, 2, 2]])
    named = positions(grains, THREE)  # 0, END, 1, END before the codes 0, 1, 1 and 5
    contents = torch.arange(100, 137)[None]  # 1 + 4 + 2 * 16 codes
    symbols = torch.cat([named.symbol, contents], dim=1)
    drawn = symbols.gather(1, drawing_order(named, contents, THREE))[0].tolist()
    assert drawn[:9] == [0, 100, 4, 1, 101, 102, 103, 104, 4]
    assert drawn[9:] == list(range(105, 137))


def test_log_probabilities_are_among_the_legal_symbols_and_pads_cost_nothing():
    logits = torch.zeros(2, 3)
    legal = torch.tensor([[True, False, True], [True, True, True]])
    result = symbol_log_probs(logits, torch.tensor([2, -1]), legal)
    assert result.tolist() == pytest.approx([-math.log(2), 0])


def test_half_precision_logits_are_judged_in_single_precision():
    logits = torch.zeros(1, 3, dtype=torch.bfloat16)
    result = symbol_log_probs(logits, torch.tensor([0]))
    assert result.dtype == torch.float32
    assert result.item() == pytest.approx(-math.log(3), rel=1e-6)
