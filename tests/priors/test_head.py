"""Mirrors rqbench_priors/head.py."""

import pytest
import torch

from rqbench.api import CodeLayout
from rqbench_priors.head import ContentHead, log_frequencies

LAYOUT = CodeLayout(1, 1, depth=2, codebook_size=3)


def test_log_frequencies_are_smoothed_by_one_count():
    frequencies = log_frequencies(torch.tensor([0, 0, 2]), 3).exp()
    torch.testing.assert_close(frequencies, torch.tensor([3, 1, 2]).double() / 6)


@pytest.mark.parametrize(
    ("kind", "counts"),
    [("per-depth", [[3, 1, 1], [1, 1, 3]]), ("shared", [[3, 1, 3], [3, 1, 3]])],
)
def test_a_warm_start_gives_each_depth_or_all_their_frequencies(kind, counts):
    head = ContentHead(LAYOUT, 4, kind)
    torch.nn.init.zeros_(head.linear.weight)
    head.warm_start(torch.tensor([[0, 2], [0, 2]]))
    expected = torch.tensor(counts) / torch.tensor(counts).sum(dim=1, keepdim=True)
    stream = torch.randn(1, 2, 4)
    torch.testing.assert_close(head(stream).softmax(dim=-1)[0], expected)
    torch.testing.assert_close(head.at(stream[:, 1], 1), head(stream)[:, 1])


def test_a_head_without_bias_stays_as_it_is():
    head = ContentHead(LAYOUT, 4, "none")
    head.warm_start(torch.tensor([[0, 2]]))
    assert set(head.state_dict()) == {"norm.weight", "norm.bias", "linear.weight"}
