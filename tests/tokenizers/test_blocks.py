"""Mirrors rqbench_tokenizers/blocks.py."""

import pytest
import torch

from rqbench_tokenizers.blocks import AttnBlock, Down, ResBlock, Up, group_norm


@pytest.mark.parametrize(
    ("channels", "groups"), [(512, 32), (128, 32), (64, 16), (8, 2), (4, 1), (3, 1), (24, 2)]
)
def test_groups_are_the_published_ones_and_never_too_small(channels: int, groups: int) -> None:
    norm = group_norm(channels, 32)
    assert (norm.num_groups, norm.eps) == (groups, 1e-6)
    assert channels % norm.num_groups == 0


def test_down_sampling_pads_at_the_right_and_the_bottom_only() -> None:
    down = Down(1)
    torch.nn.init.ones_(down.conv.weight)
    torch.nn.init.zeros_(down.conv.bias)
    halved = down(torch.ones(1, 1, 4, 4))
    assert halved[0, 0].tolist() == [[9, 6], [6, 4]]


def test_up_sampling_repeats_each_position_before_it_convolves() -> None:
    up = Up(1)
    torch.nn.init.dirac_(up.conv.weight)
    torch.nn.init.zeros_(up.conv.bias)
    doubled = up(torch.tensor([[[[1.0, 2.0]]]]))
    assert doubled[0, 0].tolist() == [[1, 1, 2, 2], [1, 1, 2, 2]]


def test_a_zeroed_branch_starts_as_the_skip() -> None:
    hidden = torch.randn(2, 8, 4, 4)
    for block in (ResBlock(8, 8, 32, zero_init=True), AttnBlock(8, 32, zero_init=True)):
        branch = block(hidden) - hidden
        constant = branch - branch.mean(dim=(2, 3), keepdim=True)  # its bias is all that is left
        assert constant.abs().max() < 1e-5


def test_attention_is_one_head_with_logits_over_the_root_of_the_width() -> None:
    block, hidden = AttnBlock(4, 1, zero_init=False), torch.randn(2, 4, 3, 5)
    flat = block.norm(hidden).flatten(2).transpose(1, 2)  # b n c
    weight, bias = block.qkv.weight[:, :, 0, 0], block.qkv.bias
    query, key, value = (flat @ weight.T + bias).chunk(3, dim=-1)
    mixed = (query @ key.transpose(1, 2) * 4**-0.5).softmax(dim=-1) @ value
    projected = mixed @ block.proj_out.weight[:, :, 0, 0].T + block.proj_out.bias
    expected = hidden + projected.transpose(1, 2).unflatten(2, (3, 5))
    assert torch.allclose(block(hidden), expected, atol=1e-5)
