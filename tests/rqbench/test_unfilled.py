"""Mirrors rqbench/unfilled.py."""

import torch
from torch import nn

from rqbench.unfilled import Unfilled


class Model(nn.Module):
    """Parameters that are drawn, and tables that are not."""

    def __init__(self) -> None:
        super().__init__()
        self.linear, self.conv = nn.Linear(3, 4), nn.Conv2d(3, 4, 1)
        self.embedding, self.norm = nn.Embedding(5, 3, padding_idx=0), nn.LayerNorm(3)
        self.register_buffer("noise", torch.randn(4), persistent=False)
        self.drawn = nn.Parameter(torch.empty(3))
        nn.init.trunc_normal_(self.drawn)
        nn.init.xavier_uniform_(self.linear.weight)


def test_no_parameter_is_drawn_and_everything_else_is_as_always():
    with Unfilled():
        model = Model()
    weights = (model.linear.weight, model.conv.weight, model.conv.bias, model.embedding.weight)
    assert not any(weight.any() for weight in (*weights, model.drawn))
    assert model.norm.weight.tolist() == [1, 1, 1]
    assert model.norm.bias.tolist() == [0, 0, 0]
    assert model.linear.weight.requires_grad


def test_a_strict_load_fills_it():
    torch.manual_seed(1)
    whole = Model()
    torch.manual_seed(1)
    with Unfilled():
        model = Model()
    model.load_state_dict(whole.state_dict())
    for key, value in whole.state_dict().items():
        assert torch.equal(model.state_dict()[key], value)


def test_buffers_and_tensors_are_drawn():
    torch.manual_seed(1)
    expected = torch.randn(2), torch.empty(2).normal_()
    torch.manual_seed(1)
    with Unfilled():
        assert torch.equal(torch.randn(2), expected[0])
        assert torch.equal(torch.empty(2).normal_(), expected[1])
