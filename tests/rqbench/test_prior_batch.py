"""Mirrors rqbench/prior_batch.py."""

import torch

from rqbench.codes import Codes
from rqbench.layout import CodeLayout
from rqbench.prior_batch import PriorBatch


def test_a_part_of_a_batch_has_its_own_codes_conditions_and_targets():
    values = torch.tensor([0, 1, 2]).view(3, 1, 1, 1)
    targets = torch.nn.functional.one_hot(values, 3).float()
    batch = PriorBatch(
        Codes(values, CodeLayout(1, 1, 1, 3)), torch.tensor([[5], [6], [7]]), targets
    )
    part = batch[1:3]
    assert (len(batch), len(part)) == (3, 2)
    assert part.codes.values.flatten().tolist() == [1, 2]
    assert part.condition.tolist() == [[6], [7]]
    assert part.soft_targets.flatten(1).tolist() == [[0, 1, 0], [0, 0, 1]]
