"""Mirrors rqbench_priors/dq_losses.py."""

import math

import pytest
import torch

from rqbench_priors.dq_losses import published_loss
from rqbench_priors.dq_tokens import Tokens


def test_the_loss_is_a_mean_over_contents_and_half_of_two_means_over_positions():
    """Slots: start, one code, end | start, one code, end, pad; logits favour one id by log 3."""
    tokens = Tokens(
        content=torch.tensor([[0, 1, 1, 0, 1, 1, 3]]),
        position=torch.tensor([[0, 2, 2, 0, 1, 1, 3]]),
        fine=torch.tensor([[False] * 3 + [True] * 4]),
        real=torch.tensor([[True] * 6 + [False]]),
    )
    favour_1 = torch.tensor([0.0, math.log(3), 0.0, 0.0]).expand(1, 6, 4)
    hit, miss = math.log(2), math.log(6)  # weights 1 3 1 1
    coarse, fine = miss, (miss + 2 * hit) / 3  # targets 2 2 | 0 1 1
    contents = (4 * hit + miss) / 5  # targets 1 1 0 1 1
    loss = published_loss(favour_1, favour_1, tokens)
    assert loss.item() == pytest.approx(contents + (coarse + fine) / 2)
