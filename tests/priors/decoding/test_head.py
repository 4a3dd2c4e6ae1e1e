"""Mirrors rqbench_priors/decoding/head.py, and inputs.py as far as it gives logits."""

import pytest
import torch
from torch import nn

from rqbench.api import CodeLayout
from rqbench_priors.decoding.head import Head
from rqbench_priors.decoding.inputs import Logits
from rqbench_priors.head import ContentHead


@pytest.mark.parametrize("bias", ["none", "shared", "per-depth"])
def test_half_precision_weights_give_logits_that_are_not_rounded(bias):
    head = ContentHead(CodeLayout(1, 1, 2, 600), 16, bias).bfloat16()
    for weight in head.parameters():
        torch.nn.init.normal_(weight)
    stream = torch.randn(3, 16).bfloat16()
    with torch.no_grad():
        vectors = head.norm(stream).double()
        found = Logits(head, 2, 3).at(stream, 1)
        expected = vectors @ head.linear.weight.double().t()
        if head.bias is not None:
            expected += head.bias.double().expand(2, -1)[1]
    assert found.dtype == torch.float32
    assert torch.allclose(found.double(), expected, rtol=1e-5, atol=1e-5)
    assert not torch.equal(found, found.bfloat16().float())


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_others_keep_their_precision(dtype):
    head = ContentHead(CodeLayout(1, 1, 1, 8), 4, "shared").to(dtype)
    with torch.no_grad():
        assert Logits(head, 1, 2).at(torch.randn(2, 4, dtype=dtype), 0).dtype == dtype


@torch.no_grad()
def test_a_head_gives_logits_of_any_rows_and_leaves_earlier_ones_alone():
    norm, linear = nn.LayerNorm(3), nn.Linear(3, 700)  # two tiles
    nn.init.normal_(norm.weight)
    head = Head(norm, linear.weight, linear.bias, rows=6)
    many, few = torch.randn(6, 3), torch.randn(2, 3)
    first, second = head(many), head(few)
    torch.testing.assert_close(first, linear(norm(many)))
    torch.testing.assert_close(second, linear(norm(few)))
    without = Head(norm, linear.weight, None, rows=6)(many)
    torch.testing.assert_close(without, first - linear.bias)
