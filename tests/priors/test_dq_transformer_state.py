"""Mirrors rqbench_priors/dq_transformer_state.py."""

import torch

from rqbench.api import CodeLayout
from rqbench_priors.dq_rules import DQRules
from rqbench_priors.dq_tokens import Alphabets
from rqbench_priors.dq_transformer_state import UNKNOWN, DQTransformerState
from rqbench_priors.places import Places
from rqbench_priors.transformer import KeyValueCache

LAYOUT = CodeLayout(2, 4, 1, 5, (2, 1))  # 2 regions, END 2; contents end with 6, start with 7


def begin(**rules: str) -> DQTransformerState:
    """Two images of which nothing is decided, their start tokens seen."""
    caches = KeyValueCache(1, 16), KeyValueCache(1, 16), None
    starts = torch.zeros(2, 1, dtype=torch.int64)
    places, alphabets = Places(LAYOUT, "row-first"), Alphabets.of(LAYOUT, None)
    state = DQTransformerState.begin(
        places, alphabets, DQRules(**rules), starts, False, caches, first_image=0
    )
    state.where = state.here = torch.zeros(2, 1)
    return state


def test_each_image_first_names_a_region_or_ends():
    state = begin()
    assert state.find_positions()
    assert state.expected.legal.all()
    state.take_positions(torch.tensor([1, 2]))
    assert not state.find_positions()
    assert state.release()
    assert state.position.tolist() == [1, 3]  # the end of the coarse part is id 3
    assert state.content.tolist() == [UNKNOWN, 6]
    state.find_contents()
    assert state.drawing.tolist() == [0]
    state.take_contents(torch.tensor([4]))
    assert state.values.tolist() == [[0, 0, 4, 0, 0, 0, 0, 0], [0] * 8]
    assert state.ordinal.tolist() == [2, 1]


def test_start_tokens_and_cells_in_order_follow_the_end_of_the_coarse_part():
    state = begin()
    state.find_positions()
    state.take_positions(torch.tensor([1, 2]))
    state.find_contents()
    state.take_contents(torch.tensor([4]))
    state.open_slot()
    # image 0 has no region after its last one, so its part ends; image 1 begins its fine part
    assert not state.find_positions()
    assert state.position.tolist() == [3, 10]
    assert state.content.tolist() == [6, 7]
    state.find_contents()
    assert state.drawing.tolist() == []
    seen = []
    for slot in range(2, 11):
        state.open_slot()
        assert not state.find_positions()
        state.find_contents()
        seen.append(state.position[state.rows].tolist())
        state.take_contents(torch.full((len(state.drawing),), slot % 5))
        state.release()
    # cells of region 0 lie in columns 0 and 1; after a start token those that are fine, row by row
    assert seen[:6] == [[10, 0], [0, 1], [1, 2], [4, 3], [5, 4], [5]]
    assert not len(state.rows)


def test_complete_images_leave_and_the_codes_of_all_stay():
    state = begin()
    state.find_positions()
    state.take_positions(torch.tensor([0, 0]))
    state.find_contents()
    state.take_contents(torch.tensor([1, 2]))
    state.open_slot()
    assert state.find_positions()
    assert state.expected.legal.tolist() == [[False, True, True]] * 2
    state.take_positions(torch.tensor([1, 2]))
    state.find_contents()
    state.take_contents(torch.tensor([3]))
    assert state.release()
    assert state.rows.tolist() == [1]  # with all regions coarse, nobody waits for the end
    codes = state.codes()
    assert codes.grain_map.tolist() == [[[0, 0]], [[0, 1]]]
    assert codes.values[0, ..., 0].tolist() == [[1, 1, 3, 3], [1, 1, 3, 3]]


def test_drawn_cells_may_come_in_any_order_and_end_early():
    state = begin(fine_positions="drawn")
    state.find_positions()
    state.take_positions(torch.tensor([2, 2]))
    for _ in range(2):  # the start token, then the first cell
        state.open_slot()
        state.find_positions()
    legal = state.expected.legal
    assert legal.shape == (2, 9) and legal.all()
    state.take_positions(torch.tensor([6, 8]))  # cell 6, and END
    assert state.release()
    assert state.rows.tolist() == [0]
    state.find_contents()
    state.take_contents(torch.tensor([3]))
    state.open_slot()
    assert state.find_positions()
    assert state.expected.legal[0].nonzero()[:, 0].tolist() == [0, 1, 2, 3, 4, 5, 7, 8]
    assert state.codes().values[:, 1, 2, 0].tolist() == [3, 0]
