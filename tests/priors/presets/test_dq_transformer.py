"""Mirrors rqbench_priors/presets/dq_transformer.py."""

import pytest
import torch

from rqbench.api import CodeLayout, ConditionSpec, Sampling, build_prior
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


def test_its_sampling_is_valid_and_a_top_k_past_the_head_keeps_all():
    assert Sampling(**IMAGENET.sampling).at("position", 0).top_k == 1024
