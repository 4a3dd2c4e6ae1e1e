"""Mirrors rqbench_priors/dq_tokens.py."""

import pytest
import torch

from rqbench.api import CodeLayout, ConditionSpec
from rqbench_priors.dq_tokens import Alphabet, Alphabets, serialise, slots_before

LAYOUT = CodeLayout(4, 4, 1, 200, (2, 1))  # pads: content 200, region 4, cell 16


def test_the_published_model_has_the_published_ids():
    layout = CodeLayout(32, 32, 1, 1024, (2, 1))
    plain, labelled = Alphabets.of(layout, None), Alphabets.of(layout, ConditionSpec(1000))
    assert [a.size for a in (plain.contents, plain.regions, plain.cells)] == [1027, 259, 1027]
    sizes = [a.size for a in (labelled.contents, labelled.regions, labelled.cells)]
    assert sizes == [2026, 1258, 2026]
    assert (plain.contents.pad, plain.contents.end, plain.contents.start) == (1024, 1025, 1026)
    assert (plain.regions.pad, plain.regions.end, plain.regions.start) == (256, 257, 258)


def test_logits_of_the_payload_come_before_that_of_the_end():
    logits = torch.tensor([10.0, 11, 12, 90, 13, 80, 81, 82])  # the pad is id 3, the end id 4
    assert Alphabet(3, 2).with_end(logits).tolist() == [10, 11, 12, 13]


def test_a_mixed_image_becomes_the_sequence_worked_out_by_hand():
    """Regions 0 and 3 of four are coarse; all codes are their cell's number plus 100."""
    fine_cells = [2, 3, 6, 7, 8, 9, 12, 13]
    tokens = serialise(
        contents=torch.tensor([[100, 110, *(100 + cell for cell in fine_cells)]]),
        positions=torch.tensor([[0, 3, *fine_cells]]),
        num_coarse=torch.tensor([2]),
        starts=torch.tensor([[0]]),
        alphabets=Alphabets.of(LAYOUT, None),
        coarse_end=201,
    )
    fine = [100 + cell for cell in fine_cells]
    assert tokens.content.tolist() == [[202, 100, 110, 201, 202, *fine, 201]]
    assert tokens.position.tolist() == [[6, 0, 3, 5, 18, *fine_cells, 17]]
    assert tokens.fine.tolist() == [[False] * 4 + [True] * 10]
    assert tokens.real.all()


def test_images_are_padded_behind_their_end_and_begin_with_their_own_condition():
    """Two coarse codes, and one with two fine ones; the condition has two symbols."""
    alphabets = Alphabets.of(LAYOUT, ConditionSpec(10, 2))
    tokens = serialise(
        contents=torch.tensor([[7, 8, -1], [9, 1, 2]]),
        positions=torch.tensor([[0, 1, -1], [3, 4, 5]]),
        num_coarse=torch.tensor([2, 1]),
        starts=torch.tensor([[3, 4], [5, 6]]),
        alphabets=alphabets,
        coarse_end=200,
    )
    assert tokens.content.tolist() == [
        [205, 206, 7, 8, 200, 205, 206, 201, 200],
        [207, 208, 9, 200, 207, 208, 1, 2, 201],
    ]
    assert tokens.position.tolist() == [
        [9, 10, 0, 1, 5, 21, 22, 17, 16],
        [11, 12, 3, 5, 23, 24, 4, 5, 17],
    ]
    assert tokens.real.sum(dim=1).tolist() == [8, 9]
    assert tokens.fine.sum(dim=1).tolist() == [4, 5]
    assert alphabets.num_tokens(3) == 9


@pytest.mark.parametrize(
    ("num_starts", "expected"),
    [
        (1, [[0, 1, 4, 5], [2, 3, 4, 5], [0, 1, 2, 3]]),
        (2, [[1, 2, 6, 7], [4, 5, 6, 7], [1, 2, 3, 4]]),
    ],
)
def test_each_code_is_predicted_from_the_slot_before_it(num_starts, expected):
    """Of four codes two, none and all are coarse; between the parts stand an end and the starts."""
    found = slots_before(4, torch.tensor([2, 0, 4]), num_starts)
    assert found.tolist() == expected
