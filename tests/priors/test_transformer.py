"""Mirrors rqbench_priors/transformer.py."""

import pytest
import torch

from rqbench.api import CodeLayout, ConfigError, build_prior, parse_config
from rqbench_priors.transformer import Block, Stack, TransformerConfig

CONFIG = TransformerConfig(width=8, heads=2)


def test_a_block_is_attention_and_an_mlp_on_normed_copies():
    block = Block(CONFIG).double()
    stream = torch.randn(1, 3, 8, dtype=torch.float64)
    query, key, value = block.query_key_value(block.attention_norm(stream))[0].split(8, dim=-1)
    seen = torch.zeros(3, 8, dtype=torch.float64)
    for place in range(3):
        for head in (slice(0, 4), slice(4, 8)):
            scores = key[: place + 1, head] @ query[place, head] / 4**0.5
            seen[place, head] = scores.softmax(dim=0) @ value[: place + 1, head]
    expected = stream[0] + block.project(seen)
    expected = expected + block.mlp(expected)
    torch.testing.assert_close(block(stream)[0], expected)


def test_steps_with_a_cache_equal_the_whole_sequence_at_once():
    stack = Stack(2, CONFIG).double()
    stream = torch.randn(3, 6, 8, dtype=torch.float64)
    cache = stack.cache(6)
    parts = [stack.step(stream[:, :2], cache)]  # two places into the empty cache, then one by one
    parts += [stack.step(stream[:, t : t + 1], cache) for t in range(2, 6)]
    torch.testing.assert_close(torch.cat(parts, dim=1), stack(stream))


def test_selected_rows_go_on_as_if_alone():
    stack = Stack(2, CONFIG).double()
    stream = torch.randn(3, 4, 8, dtype=torch.float64)
    cache = stack.cache(4)
    stack.step(stream[:, :3], cache)
    cache.select(torch.tensor([2, 0]))
    newest = stack.step(stream[[2, 0], 3:], cache)
    torch.testing.assert_close(newest, stack(stream[[2, 0]])[:, 3:])


def test_a_cleared_cache_is_as_good_as_new():
    stack = Stack(1, CONFIG)
    first, second = torch.randn(2, 1, 2, 8)
    cache = stack.cache(2)
    stack.step(first, cache)
    cache.clear()
    torch.testing.assert_close(stack.step(second, cache), stack(second))


@pytest.mark.parametrize(("given", "hidden"), [(None, 32), (5, 5)])
def test_hidden_layers_are_four_widths_wide_unless_said(given, hidden):
    config = TransformerConfig(width=8, heads=2, mlp_width=given)
    block, narrow = Block(config), Block(CONFIG.model_copy(update={"mlp_width": 1}))
    assert block(torch.randn(1, 3, 8)).shape == (1, 3, 8)
    counts = [sum(weight.numel() for weight in one.parameters()) for one in (block, narrow)]
    assert counts[0] - counts[1] == (hidden - 1) * (8 + 1 + 8)  # a row, its bias, a column


def test_a_width_that_heads_do_not_divide_is_refused():
    with pytest.raises(ConfigError, match="width 10 does not divide into 4 heads"):
        parse_config(TransformerConfig, {"width": 10}, "prior")


@pytest.mark.parametrize(
    ("kind", "options", "layout", "zeros"),
    [
        ("raster", {"places": "input"}, CodeLayout(4, 4, 1, 50), {"input_places"}),
        ("depth-stacked", {"inputs": "learned"}, CodeLayout(4, 4, 2, 50), set()),
        ("dq-transformer", {}, CodeLayout(4, 4, 1, 50, (2, 1)), {"network.slots"}),
    ],
)
def test_weights_start_normal_norms_at_one_and_biases_at_zero_as_published(
    kind, options, layout, zeros
):
    """The places of VQGAN's GPT and of the DQ-Transformer start at zero, those of RQ do not."""
    prior = build_prior(kind, {"width": 64, "heads": 2, **options}, layout, None, None, "test")
    for name, weight in prior.named_parameters():
        if name in zeros or name.endswith("bias"):
            assert not weight.any(), name
        elif weight.dim() == 1:
            assert (weight == 1).all(), name
        else:
            assert weight.std().item() == pytest.approx(0.02, rel=0.3), name
