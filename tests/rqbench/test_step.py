"""Mirrors rqbench/step.py."""

import torch

from rqbench.api import Step


def test_some_rows_of_a_step_keep_their_kind_and_order():
    legal = torch.tensor([[True, False], [True, True], [False, True]])
    step = Step("position", 2, legal, torch.tensor([4, 5, 6]), torch.tensor([7, 8, 9]))
    some = step.of(torch.tensor([2, 0]))
    assert (some.kind, some.depth) == ("position", 2)
    assert some.legal.tolist() == [[False, True], [True, False]]
    assert some.image.tolist() == [6, 4]
    assert some.ordinal.tolist() == [9, 7]
