"""Mirrors rqbench_priors/independent_regions.py."""

import pytest
import torch

from rqbench_priors.independent_regions import independent_regions


def test_of_two_grains_each_left_region_is_coarse_with_its_frequency():
    logits = independent_regions(torch.tensor([1.0, 2.0]), 2)  # add-one: 2 in 5 are coarse
    assert logits.softmax(dim=-1).tolist() == [pytest.approx([0.4, 0.6 * 0.4, 0.6 * 0.6])]


def test_of_three_grains_the_middle_one_counts_among_what_the_coarsest_left():
    logits = independent_regions(torch.tensor([1.0, 1.0, 2.0]), 2)
    assert logits[0].exp().tolist() == pytest.approx([1 / 3, 2 / 9, 4 / 9])  # 2 in 6
    # 2 in 5 of what is left; a step of one region passes 3/4 of a region that is left
    assert logits[1].exp().tolist() == pytest.approx([0.4, 0.4 * 0.6**0.75, 0.6**1.5])
