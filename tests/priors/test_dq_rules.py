"""Mirrors rqbench_priors/dq_rules.py."""

import pytest
import torch

from rqbench_priors.dq_rules import DQRules, legal_cells, legal_regions
from rqbench_priors.dq_tokens import Alphabet

ONE_NAMED = torch.tensor([[1, 0, 1, 1]])  # of four regions the second
ALL_BUT_ONE = torch.tensor([[0, 0, 1, 0]])


@pytest.mark.parametrize(
    ("rules", "one_named", "all_but_one"),
    [
        (DQRules(), [2, 3, 4], [4]),  # 4 is END
        (DQRules(coarse_order="any"), [0, 2, 3, 4], [2, 4]),
        (DQRules(last_region="never-coarse"), [2, 4], [4]),
        (DQRules(coarse_order="any", last_region="never-coarse"), [0, 2, 4], [2, 4]),
    ],
)
def test_regions_that_may_be_named(rules, one_named, all_but_one):
    for regions, expected in ((ONE_NAMED, one_named), (ALL_BUT_ONE, all_but_one)):
        assert legal_regions(regions, rules)[0].nonzero()[:, 0].tolist() == expected


def test_cells_that_may_be_named():
    free = torch.tensor([[True, False, True, True]])
    never = DQRules(start_cell="never-drawn")
    start = torch.tensor([2])
    assert legal_cells(free, start, DQRules()).tolist() == [[True, False, True, True, True]]
    assert legal_cells(free, start, never).tolist() == [[True, False, False, True, True]]
    assert legal_cells(free, None, never).tolist() == [[True, False, True, True, True]]
    beyond = torch.tensor([9])  # classes whose start id is no cell forbid none
    assert legal_cells(free, beyond, never).tolist() == [[True, False, True, True, True]]


def test_the_coarse_part_ends_with_the_end_or_with_a_pad():
    contents = Alphabet(10, 1)
    assert DQRules().end_content(contents) == 11
    assert DQRules(coarse_end="pad").end_content(contents) == 10


@pytest.mark.parametrize(
    ("rules", "expected"),
    [
        (DQRules(), True),
        (DQRules(coarse_end="pad", coarse_context="unshifted", start_cell="never-drawn"), True),
        (DQRules(coarse_order="any"), False),
        (DQRules(last_region="never-coarse"), False),
        (DQRules(fine_positions="drawn"), False),
    ],
)
def test_maps_are_told_once_where_what_may_be_drawn_is_the_legal_rule(rules, expected):
    assert rules.tell_maps_once == expected
