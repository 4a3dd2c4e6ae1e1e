"""Mirrors rqbench_priors/presets/dq_transformer.py."""

import pytest
import torch

from rqbench.api import CodeLayout, ConditionSpec, Sampling, build_prior
from rqbench_priors.dq_network import DQTransformerConfig
from rqbench_priors.presets.dq_transformer import IMAGENET, UNCONDITIONAL

LAYOUT = CodeLayout(32, 32, 1, 1024, (2, 1))


@pytest.mark.parametrize(
    ("preset", "published"), [(UNCONDITIONAL, 308_884_480), (IMAGENET, 313_999_360)]
)
def test_at_full_size_there_are_as_many_parameters_as_published(preset, published):
    classes = ConditionSpec(preset.num_conditions) if preset.num_conditions else None
    with torch.device("meta"):
        prior = build_prior(preset.type, preset.config, LAYOUT, None, classes, "preset")
    assert sum(weight.numel() for weight in prior.parameters()) == published == preset.parameters


@pytest.mark.parametrize("preset", [UNCONDITIONAL, IMAGENET])
def test_what_parameters_do_not_tell_is_published_too(preset):
    told = DQTransformerConfig.model_validate(preset.config)
    assert (told.position_layers, told.content_layers, told.heads) == (6, 18, 8)
    assert (told.block_size, told.fine_order, told.loss) == (2048, "row-first", "published")
    assert preset.tokenizer == "dqvae-dual-entropy"
    assert (told.dropout, told.attention_dropout, told.embedding_dropout) == (0.1, 0.1, 0.1)
    drawn = Sampling(**preset.sampling)
    assert (drawn.at("content", 0).top_k, drawn.at("position", 0).top_k) == (300, 1024)
    assert (drawn.at("content", 0).top_p, drawn.at("position", 0).top_p) == (1.0, 1.0)
