"""Mirrors rqbench/layout.py."""

import pytest

from rqbench.errors import ConfigError
from rqbench.layout import CodeLayout


def test_counts_of_a_stack_are_those_worked_out_by_hand():
    layout = CodeLayout(2, 3, 4, 8)
    assert not layout.is_dynamic
    assert (layout.num_grains, layout.region_size, layout.region_grid) == (1, 1, (2, 3))
    assert layout.codes_per_region == (4,)
    assert layout.min_codes == layout.max_codes == 24
    assert (layout.bits_per_code, layout.map_bits) == (3.0, 0.0)
    assert str(layout) == "2x3x4, k=8"


def test_counts_of_three_grains_are_those_worked_out_by_hand():
    layout = CodeLayout(4, 8, 1, 16, (4, 2, 1))
    assert layout.is_dynamic
    assert (layout.num_grains, layout.region_size, layout.region_grid) == (3, 4, (1, 2))
    assert layout.codes_per_region == (1, 4, 16)
    assert (layout.min_codes, layout.max_codes) == (2, 32)
    assert layout.map_bits == pytest.approx(2 * 1.584962500721156)
    assert str(layout) == "4x8x1, k=16, grains 4/2/1"


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ((0, 1, 1, 2), "describes no codes"),
        ((1, 1, 0, 2), "describes no codes"),
        ((1, 1, 1, 1), "describes no codes"),
        ((4, 4, 1, 2, (1,)), "at least two grains"),
        ((4, 4, 1, 2, (4, 2)), "end with 1"),
        ((4, 4, 1, 2, (2, 2, 1)), "must fall"),
        ((6, 6, 1, 2, (3, 2, 1)), "must fall, each dividing"),
        ((4, 6, 1, 2, (4, 1)), "does not divide into regions of side 4"),
    ],
)
def test_sizes_that_do_not_fit_are_refused(values, said):
    with pytest.raises(ConfigError, match=said):
        CodeLayout(*values)
