"""Mirrors rqbench/codes.py."""

import pytest
import torch

from rqbench.codes import Codes, cell_grains, cell_sizes, concatenate, spread
from rqbench.layout import CodeLayout

STACK = CodeLayout(1, 2, 2, 4)
DYNAMIC = CodeLayout(2, 4, 1, 8, (2, 1))
GRAINS = torch.tensor([[[0, 1]]])  # the left region has one code, the right one four
VALUES = torch.tensor([[[5, 5, 1, 2], [5, 5, 3, 4]]])[..., None]


def dynamic() -> Codes:
    return Codes(VALUES, DYNAMIC, GRAINS)


def test_bits_count_each_code_of_a_stack():
    codes = Codes(torch.zeros(3, 1, 2, 2, dtype=torch.int64), STACK)
    assert codes.num_codes().tolist() == [4, 4, 4]
    assert codes.nominal_bits().tolist() == [8.0, 8.0, 8.0]
    assert codes.code_mask().all()


def test_bits_count_each_regions_codes_and_the_map():
    assert dynamic().num_codes().tolist() == [5]
    assert dynamic().nominal_bits().tolist() == [5 * 3 + 2 * 1]


def test_a_coarse_area_holds_its_code_in_the_top_left_cell():
    assert dynamic().code_mask().int().tolist() == [[[1, 0, 1, 1], [0, 0, 1, 1]]]


def test_cells_know_their_grain_and_the_side_of_their_area():
    assert cell_grains(GRAINS, DYNAMIC).tolist() == [[[0, 0, 1, 1], [0, 0, 1, 1]]]
    assert cell_sizes(GRAINS, DYNAMIC).tolist() == [[[2, 2, 1, 1], [2, 2, 1, 1]]]


def test_spreading_copies_the_top_left_code_of_each_coarse_area_alone():
    values = torch.arange(8).view(1, 2, 4, 1)
    assert spread(values, GRAINS, DYNAMIC)[..., 0].tolist() == [[[0, 0, 2, 3], [0, 0, 6, 7]]]


def test_spreading_fills_areas_of_every_grain_of_three():
    layout = CodeLayout(4, 8, 1, 64, (4, 2, 1))
    values = torch.arange(32).view(1, 4, 8, 1)
    assert spread(values, torch.tensor([[[0, 1]]]), layout)[0, ..., 0].tolist() == [
        [0, 0, 0, 0, 4, 4, 6, 6],
        [0, 0, 0, 0, 4, 4, 6, 6],
        [0, 0, 0, 0, 20, 20, 22, 22],
        [0, 0, 0, 0, 20, 20, 22, 22],
    ]


def test_images_differ_by_their_map_and_their_values():
    assert [each.tolist() for each in Codes(VALUES, DYNAMIC, GRAINS).tensors()] == [
        GRAINS.tolist(),
        VALUES.tolist(),
    ]
    (values,) = Codes(torch.zeros(1, 1, 2, 2, dtype=torch.int64), STACK).tensors()
    assert values.shape == (1, 1, 2, 2)


def test_parts_put_together_are_the_whole():
    both = concatenate([dynamic(), dynamic()])
    assert len(both) == 2
    assert torch.equal(both[1:].values, VALUES)
    assert both.grain_map is not None
    assert torch.equal(both[torch.tensor([1, 0])].grain_map, both.grain_map)
    assert torch.equal(both.to("cpu").values, both.values)


@pytest.mark.parametrize(
    ("values", "layout", "grain_map", "said"),
    [
        (torch.zeros(1, 2, 2, 2), STACK, None, "do not fit the layout"),
        (torch.zeros(1, 1, 2, 2), STACK, GRAINS, "has no grain map"),
        (VALUES, DYNAMIC, None, "needs grain map"),
        (VALUES, DYNAMIC, GRAINS.repeat(1, 2, 1), "does not fit 1 images"),
        (torch.full((1, 1, 2, 2), 4), STACK, None, "run from 4 to 4; the codebook has 0 to 3"),
        (torch.full((1, 1, 2, 2), -1), STACK, None, "run from -1"),
        (VALUES, DYNAMIC, GRAINS + 1, "grain map runs from 1 to 2; grains are 0 to 1"),
        (VALUES, DYNAMIC, 1 - GRAINS, "hold different codes"),
    ],
)
def test_codes_that_do_not_fit_are_refused_at_the_door(values, layout, grain_map, said):
    with pytest.raises(ValueError, match=said):
        Codes(values.long(), layout, grain_map)


def test_no_images_are_legal_codes():
    assert len(Codes(torch.zeros(0, 1, 2, 2, dtype=torch.int64), STACK)) == 0
