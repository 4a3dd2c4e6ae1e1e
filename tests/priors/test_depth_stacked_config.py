"""Mirrors rqbench_priors/depth_stacked_config.py, and what its options do."""

from typing import Any

import pytest
import torch

from rqbench.api import CodeLayout, Codes, ConditionSpec, ConfigError, PriorBatch, parse_config
from rqbench_priors.depth_stacked import DepthStacked
from rqbench_priors.depth_stacked_config import DepthStackedConfig

FLAT, STACKS = CodeLayout(2, 2, 1, 5), CodeLayout(2, 2, 3, 5)
CAPTION = ConditionSpec(7, 4)


def stacked(
    options: dict[str, Any], layout: CodeLayout = STACKS, spec: ConditionSpec | None = None
) -> DepthStacked:
    config = {"body_layers": 1, "depth_layers": 1, "width": 12, "heads": 2} | options
    codebook = torch.randn(layout.depth, layout.codebook_size, 6)
    return DepthStacked(parse_config(DepthStackedConfig, config, "prior"), layout, codebook, spec)


def test_depth_layers_may_have_other_heads_than_the_body():
    prior = stacked({"depth_heads": 3})
    assert (prior.body.blocks[0].heads, prior.depth_stack.blocks[0].heads) == (2, 3)
    assert stacked({}).depth_stack.blocks[0].heads == 2
    with pytest.raises(ConfigError, match="5 depth_heads"):
        stacked({"depth_heads": 5})


def test_unused_depth_inputs_are_kept_frozen_and_change_nothing(lively):
    options = {"depth_layers": 0, "bias_per_depth": True}
    plain, kept = stacked(options, FLAT), stacked(options | {"unused_depth_inputs": True}, FLAT)
    unused = set(kept.state_dict()) - set(plain.state_dict())
    assert unused == {"depth_codes.project.weight", "depth_codes.project.bias"}
    frozen = {name for name, weight in kept.named_parameters() if not weight.requires_grad}
    assert frozen == unused
    plain.body_codes.table.copy_(kept.body_codes.table)
    plain.load_state_dict({k: v for k, v in kept.state_dict().items() if k not in unused})
    codes = Codes(torch.randint(5, (3, 2, 2, 1)), FLAT)
    assert torch.equal(plain.log_prob(codes), kept.log_prob(codes))


def test_the_loss_on_a_condition_is_that_share_of_the_whole(lively):
    prior = lively(stacked({"condition_loss_weight": 0.25}, spec=CAPTION))
    codes, condition = Codes(torch.randint(5, (6, 2, 2, 3)), STACKS), torch.randint(7, (6, 4))
    logits = prior.condition_logits(codes, condition)
    assert logits.shape == (6, 3, 7)
    of_condition = -logits.log_softmax(-1).gather(2, condition[:, 1:, None]).mean()
    of_codes = -prior.log_prob(codes, condition).mean() / 12
    loss = prior.loss(PriorBatch(codes, condition))
    torch.testing.assert_close(loss, 0.75 * of_codes + 0.25 * of_condition)


def test_a_condition_token_is_predicted_from_those_before_it(lively):
    prior = lively(stacked({"condition_loss_weight": 0.25}, spec=CAPTION))
    codes, condition = Codes(torch.randint(5, (1, 2, 2, 3)), STACKS), torch.randint(7, (1, 4))
    changed = condition.clone()
    changed[0, 2] = (condition[0, 2] + 1) % 7
    before, after = prior.condition_logits(codes, condition), prior.condition_logits(codes, changed)
    moved = (before - after).abs().amax(dim=2)[0] > 1e-9
    assert moved.tolist() == [False, False, True]  # of tokens 1 2 3, only what follows token 2
    other = Codes((codes.values + 1) % 5, STACKS)
    torch.testing.assert_close(prior.condition_logits(other, condition), before)


@pytest.mark.parametrize("spec", [None, ConditionSpec(7)])
def test_a_condition_of_one_token_has_nothing_to_predict_it_from(spec):
    with pytest.raises(ConfigError, match="at most one"):
        stacked({"condition_loss_weight": 0.1}, spec=spec)


def test_the_loss_on_soft_targets_takes_the_epsilon(lively):
    codes = Codes(torch.randint(5, (2, 2, 2, 3)), STACKS)
    targets = torch.rand(2, 2, 2, 3, 5, dtype=torch.float64).softmax(-1)
    prior = lively(stacked({"soft_epsilon": 0.5}))
    expected = -(targets * (prior.logits(codes).softmax(-1) + 0.5).log()).sum(-1).mean()
    torch.testing.assert_close(prior.loss(PriorBatch(codes, None, targets)), expected)
