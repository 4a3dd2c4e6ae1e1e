"""Mirrors rqbench_priors/sites.py."""

import torch

from rqbench.api import CodeLayout
from rqbench_priors.places import Places
from rqbench_priors.sites import Sites


def sites(layout: CodeLayout) -> Sites:
    return Sites(layout, Places(layout, "raster"))


def test_stacks_have_a_site_for_each_depth_of_each_cell_in_order():
    of = sites(CodeLayout(1, 2, 3, 5))
    assert (len(of), of.map_length) == (6, 0)
    assert of.of(torch.zeros(1, 2, dtype=torch.int64)).tolist() == [[0, 1, 2, 3, 4, 5]]
    assert of.region_grains(torch.tensor([[4, 4]])).tolist() == [[0, 0]]


def test_a_map_comes_first_and_shorter_images_end_in_minus_one():
    of = sites(CodeLayout(2, 2, 1, 5, (2, 1)))  # one region: 1 coarse place, then 4 fine ones
    assert (len(of), of.map_length) == (1 + 5, 1)
    coarse, fine = of.of(torch.tensor([[0], [1]])).tolist()
    assert coarse == [0, 1, -1, -1, -1]
    assert fine == [0, 2, 3, 4, 5]
    assert of.region_grains(torch.tensor([[1, 4, 4, 4, 4]])).tolist() == [[1]]


def test_sites_stand_at_the_corner_of_their_region_or_at_their_cell():
    of = sites(CodeLayout(2, 4, 2, 5, (2, 1)))  # regions begin at cells 0 and 2
    found = of.of(torch.tensor([[0, 1], [0, 0]]))
    fine = [cell for cell in (2, 3, 6, 7) for _ in range(2)]
    assert of.cells(found).tolist() == [[0, 2, 0, 0, *fine], [0, 2, 0, 0, 2, 2, *[-1] * 6]]
    assert of.in_map(found).tolist() == [[True] * 2 + [False] * 10] * 2
