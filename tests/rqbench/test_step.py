"""Mirrors rqbench/step.py."""

import torch

from rqbench.api import Step
from rqbench.step import where_it_counts


def test_some_rows_of_a_step_keep_their_kind_and_order():
    legal = torch.tensor([[True, False], [True, True], [False, True]])
    step = Step("position", 2, legal, torch.tensor([4, 5, 6]), torch.tensor([7, 8, 9]))
    some = step.of(torch.tensor([2, 0]))
    assert (some.kind, some.depth) == ("position", 2)
    assert some.legal.tolist() == [[False, True], [True, False]]
    assert some.image.tolist() == [6, 4]
    assert some.ordinal.tolist() == [9, 7]
    assert some.counts is None


def test_rows_that_do_not_count_reach_no_choice_that_looks_at_rows_that_do():
    counts, image = torch.tensor([False, True, True]), torch.tensor([4, 5, 6])
    logits = torch.tensor([[9.0], [10.0], [11.0]])
    step = Step("content", 0, logits > 0, image, image + 3, counts)
    asked = []

    def choose(logits, step):
        asked.append((logits.tolist(), step.image.tolist(), step.counts.tolist()))
        return step.ordinal * 10

    assert where_it_counts(choose)(logits, step).tolist() == [0, 80, 90]
    assert asked == [([[10.0], [11.0]], [5, 6], [True, True])]
    nobody = Step("content", 0, logits > 0, image, image, torch.zeros(3, dtype=torch.bool))
    assert where_it_counts(choose)(logits, nobody).tolist() == [0, 0, 0]
    assert len(asked) == 1
    everybody = Step("content", 0, logits > 0, image, image)
    assert where_it_counts(lambda logits, step: step.image)(logits, everybody) is image
