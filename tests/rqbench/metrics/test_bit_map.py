"""Mirrors rqbench/metrics/bit_map.py."""

import math

import pytest
import torch

from rqbench.codes import Codes
from rqbench.errors import UnsupportedError
from rqbench.layout import CodeLayout
from rqbench.metrics.bit_map import bit_map, nominal_bit_map
from rqbench.symbol_nats import SymbolNats

STACKED = Codes(torch.zeros(1, 2, 2, 2, dtype=torch.int64), CodeLayout(2, 2, 2, 8))
# one coarse region beside a fine one
DYNAMIC = Codes(
    torch.zeros(1, 2, 4, 1, dtype=torch.int64), CodeLayout(2, 4, 1, 16, (2, 1)),
    torch.tensor([[[0, 1]]]),
)  # fmt: skip


def costs(*symbols):
    """Symbols of one image as (bits, whether they tell the map, cell)."""
    bits, is_side, cell = zip(*symbols, strict=True)
    nats = torch.tensor([bits], dtype=torch.float64) * math.log(2)
    return SymbolNats(nats, torch.tensor([is_side]), torch.tensor([cell]))


def test_the_codes_of_a_stack_add_up_in_their_cell():
    drawn = [(bits, False, place // 2) for place, bits in enumerate((1, 2, 3, 4, 5, 6, 7, 8.5))]
    found = bit_map(costs(*drawn), STACKED)
    expected = torch.tensor([[3.0, 7.0], [11.0, 15.5]], dtype=torch.float64)
    assert torch.allclose(found[0], expected)


def test_a_coarse_code_and_what_tells_the_map_are_spread_over_their_areas():
    # grains of both regions, the coarse code, four fine ones in raster order
    drawn = [(4.0, True, 0), (2.0, True, 2), (8.0, False, 0)]
    drawn += [(bits, False, cell) for bits, cell in ((1.0, 2), (2.0, 3), (3.0, 6), (4.0, 7))]
    found = bit_map(costs(*drawn), DYNAMIC)
    expected = [[3.0, 3.0, 1.5, 2.5], [3.0, 3.0, 3.5, 4.5]]
    assert torch.allclose(found[0], torch.tensor(expected, dtype=torch.float64))


def test_the_end_of_a_grain_is_spread_over_the_picture():
    drawn = [(4.0, True, 0), (8.0, False, 0), (16.0, True, -1), (0.0, False, -1)]
    found = bit_map(costs(*drawn), DYNAMIC)
    expected = [[5.0, 5.0, 2.0, 2.0], [5.0, 5.0, 2.0, 2.0]]
    assert torch.allclose(found[0], torch.tensor(expected, dtype=torch.float64))


def test_nominal_bits_are_a_code_s_share_of_each_cell_and_of_the_map():
    assert nominal_bit_map(STACKED).tolist() == [[[6.0, 6.0], [6.0, 6.0]]]
    # 4 bits a code over 4 cells or 1, and 1 bit a region over 4 cells
    row = [1.25, 1.25, 4.25, 4.25]
    assert nominal_bit_map(DYNAMIC).tolist() == [[row, row]]


@pytest.mark.parametrize("grains", [(), (2, 1), (4, 2, 1)], ids=str)
def test_nominal_maps_sum_to_nominal_bits(grains):
    layout = CodeLayout(8, 4, 3, 32, grains)
    rows, columns = layout.region_grid
    maps = torch.randint(layout.num_grains, (5, rows, columns)) if grains else None
    codes = Codes(torch.zeros(5, 8, 4, 3, dtype=torch.int64), layout, maps)
    assert torch.allclose(nominal_bit_map(codes).sum(dim=(1, 2)), codes.nominal_bits())


def test_without_cells_there_is_no_map():
    nowhere = SymbolNats(torch.zeros(1, 8), torch.zeros(1, 8, dtype=torch.bool))
    with pytest.raises(UnsupportedError, match="not where they stand"):
        bit_map(nowhere, STACKED)
