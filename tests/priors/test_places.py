"""Mirrors rqbench_priors/places.py."""

import pytest
import torch

from rqbench.api import CodeLayout, Codes, spread
from rqbench_priors.places import Places, region_grains

LAYOUT = CodeLayout(4, 4, 1, 200, (2, 1))
MAP = torch.tensor([[[0, 1], [1, 0]]])
CODES = Codes(spread(torch.arange(100, 116).view(1, 4, 4, 1), MAP, LAYOUT), LAYOUT, MAP)


def read(places: Places, codes: Codes) -> list[list[int]]:
    return places.read(codes, places.visited(region_grains(codes)))[..., 0].tolist()


def test_row_first_visits_coarse_regions_then_fine_cells_in_rows():
    fine = [102, 103, 106, 107, 108, 109, 112, 113]
    assert read(Places(LAYOUT, "row-first"), CODES) == [[100, 110, *fine]]


def test_region_first_finishes_a_region_before_the_next():
    places = Places(LAYOUT, "region-first")
    fine = [102, 103, 106, 107, 108, 109, 112, 113]  # here rows and regions happen to agree
    assert read(places, CODES) == [[100, 110, *fine]]
    all_fine = Codes(CODES.values, LAYOUT, torch.ones_like(MAP))
    visited = places.visited(region_grains(all_fine))
    expected = [[0, 1, 4, 5, 2, 3, 6, 7, 8, 9, 12, 13, 10, 11, 14, 15]]
    assert places.cell[visited].tolist() == expected


def test_a_middle_grain_is_visited_region_by_region():
    layout = CodeLayout(4, 8, 1, 5, (4, 2, 1))
    places = Places(layout, "row-first")
    visited = places.visited(torch.ones(1, 2, dtype=torch.int64))
    assert places.cell[visited].tolist() == [[0, 2, 16, 18, 4, 6, 20, 22]]


def test_raster_order_is_that_of_the_code_mask(layout, random_codes):
    codes = random_codes(layout, 4)
    contents = Places(layout, "raster").read(
        codes, Places(layout, "raster").visited(region_grains(codes))
    )
    for image, mask, row in zip(codes.values, codes.code_mask(), contents, strict=True):
        assert torch.equal(image[mask], row[row[:, 0] >= 0])


@pytest.mark.parametrize("order", ["raster", "row-first", "region-first"])
def test_write_is_the_inverse_of_read(layout, random_codes, order):
    codes, places = random_codes(layout, 4), Places(layout, order)
    grains = region_grains(codes)
    back = places.write(places.read(codes, places.visited(grains)).clamp(min=0), grains)
    assert torch.equal(back.values, codes.values)
    assert codes.grain_map is None or torch.equal(back.grain_map, codes.grain_map)


@pytest.mark.parametrize("order", ["raster", "row-first", "region-first"])
def test_the_place_of_a_slot_is_the_one_that_the_whole_visit_has_there(layout, random_codes, order):
    places = Places(layout, order)
    grains = region_grains(random_codes(layout, 4))
    visited = places.visited(grains)
    for slot, column in enumerate(visited.T):
        assert torch.equal(places.at(grains, slot)[column >= 0], column[column >= 0])
