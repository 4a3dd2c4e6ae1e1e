"""Mirrors rqbench_priors/coarse_to_fine_state.py."""

import pytest
import torch

from rqbench.api import CodeLayout
from rqbench_priors.coarse_to_fine_state import CoarseToFineState
from rqbench_priors.places import Places
from rqbench_priors.transformer import Stack, TransformerConfig

TWO = CodeLayout(4, 4, 1, 5, (2, 1))  # places 0 to 3 are coarse, 4 to 19 fine; END is 4


@pytest.fixture
def state() -> CoarseToFineState:
    """Two images of which nothing is decided."""
    stack = Stack(1, TransformerConfig(width=4, heads=1))
    return CoarseToFineState.begin(
        Places(TWO, "row-first"), torch.zeros(2, 1, 4), (stack.cache(16), stack.cache(16)), 0
    )


def test_each_image_first_names_a_region_or_ends(state):
    assert state.find_choices()
    assert state.drawing.tolist() == [0, 1]
    assert state.legal_regions().all()
    state.take_positions(torch.tensor([2, 4]))
    assert state.regions.tolist() == [[1, 1, 0, 1], [1, 1, 1, 1]]
    assert state.grain.tolist() == [0, 1]
    assert state.ordinal.tolist() == [1, 1]
    assert not state.find_choices()  # image 0 draws the code of region 2, image 1 a fine one
    state.find_places()
    assert state.places.tolist() == [2, 4]


def test_a_grain_that_has_nothing_to_choose_from_ends_without_a_symbol(state):
    state.find_choices()
    state.take_positions(torch.tensor([3, 0]))
    state.find_choices()
    state.find_places()
    assert state.take_contents(torch.tensor([1, 2])).tolist() == [0, 1]
    assert state.find_choices()
    assert state.drawing.tolist() == [1]  # no region comes after region 3
    assert state.grain.tolist() == [1, 0]
    assert state.legal_regions().tolist() == [[False, True, True, True, True]]


def test_complete_images_leave_and_keep_their_codes(state):
    state.find_choices()
    state.take_positions(torch.tensor([3, 4]))  # 1 + 3 * 4 codes, and 16
    for slot in range(16):
        assert not state.find_choices()
        state.find_places()
        state.take_contents(torch.full((len(state.rows),), slot % 5))
        assert state.rows.tolist() == ([0, 1] if slot < 12 else [1] if slot < 15 else [])
    codes = state.codes()
    assert codes.num_codes().tolist() == [13, 16]
    assert codes.values[0, 2:, 2:].unique().tolist() == [0]
    assert codes.values[1].flatten().tolist() == [slot % 5 for slot in range(16)]
    assert state.ordinal.tolist() == [14, 17]
