"""Mirrors rqbench_tokenizers/blocks.py."""

import pytest
import torch

from rqbench_tokenizers.blocks import AttnBlock, Down, ResBlock, Style, Up, group_norm


@pytest.mark.parametrize(
    ("channels", "groups"), [(512, 32), (128, 32), (64, 16), (8, 2), (4, 1), (3, 1), (24, 2)]
)
def test_groups_are_the_published_ones_and_never_too_small(channels: int, groups: int) -> None:
    norm = group_norm(channels, Style())
    assert (norm.num_groups, norm.eps) == (groups, 1e-6)
    assert channels % norm.num_groups == 0


def test_down_sampling_pads_at_the_right_and_the_bottom_only() -> None:
    down = Down(1)
    assert down.conv is not None
    torch.nn.init.ones_(down.conv.weight)
    torch.nn.init.zeros_(down.conv.bias)
    halved = down(torch.ones(1, 1, 4, 4))
    assert halved[0, 0].tolist() == [[9, 6], [6, 4]]


def test_up_sampling_repeats_each_position_before_it_convolves() -> None:
    up = Up(1)
    assert isinstance(up.conv, torch.nn.Conv2d)
    torch.nn.init.dirac_(up.conv.weight)
    torch.nn.init.zeros_(up.conv.bias)
    doubled = up(torch.tensor([[[[1.0, 2.0]]]]))
    assert doubled[0, 0].tolist() == [[1, 1, 2, 2], [1, 1, 2, 2]]


def test_a_zeroed_branch_starts_as_the_skip() -> None:
    hidden = torch.randn(2, 8, 4, 4)
    for block in (ResBlock(8, 8, Style(zero_init=True)), AttnBlock(8, Style(zero_init=True))):
        branch = block(hidden) - hidden
        constant = branch - branch.mean(dim=(2, 3), keepdim=True)  # its bias is all that is left
        assert constant.abs().max() < 1e-5


def test_attention_is_one_head_with_logits_over_the_root_of_the_width() -> None:
    block, hidden = AttnBlock(4, Style(groups=1)), torch.randn(2, 4, 3, 5)
    flat = block.norm(hidden).flatten(2).transpose(1, 2)  # b n c
    weight, bias = block.qkv.weight[:, :, 0, 0], block.qkv.bias
    query, key, value = (flat @ weight.T + bias).chunk(3, dim=-1)
    mixed = (query @ key.transpose(1, 2) * 4**-0.5).softmax(dim=-1) @ value
    projected = mixed @ block.proj_out.weight[:, :, 0, 0].T + block.proj_out.bias
    expected = hidden + projected.transpose(1, 2).unflatten(2, (3, 5))
    assert torch.allclose(block(hidden), expected, atol=1e-5)


def test_exact_groups_stay_as_many_where_the_width_is_small() -> None:
    norm = group_norm(32, Style(exact_groups=True, eps=1e-3))
    assert (norm.num_groups, norm.eps) == (32, 1e-3)


def test_down_sampling_may_pad_all_sides() -> None:
    down = Down(1, padding="both")
    assert down.conv is not None
    torch.nn.init.ones_(down.conv.weight)
    torch.nn.init.zeros_(down.conv.bias)
    assert down(torch.ones(1, 1, 4, 4))[0, 0].tolist() == [[4, 6], [6, 9]]


def test_without_convolution_sides_are_halved_by_means_and_doubled_by_repetition() -> None:
    down, up = Down(1, with_conv=False), Up(1, with_conv=False)
    assert not [*down.parameters(), *up.parameters()]
    halved = down(torch.tensor([[[[1.0, 2.0], [3.0, 6.0]]]]))
    assert halved.tolist() == [[[[3.0]]]]
    assert up(halved).tolist() == [[[[3.0, 3.0], [3.0, 3.0]]]]


def test_dropout_thins_the_branch_in_training_only() -> None:
    block, hidden = ResBlock(8, 8, Style(dropout=0.5)), torch.randn(1, 8, 4, 4)
    assert not torch.equal(block(hidden), block(hidden))
    block.eval()
    plain = ResBlock(8, 8, Style())
    plain.load_state_dict(block.state_dict())
    assert torch.equal(block(hidden), plain(hidden))
