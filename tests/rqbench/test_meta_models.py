"""Mirrors rqbench/meta_models.py."""

import pytest
import torch

from rqbench.condition_spec import ConditionSpec
from rqbench.errors import ConfigError
from rqbench.meta_models import Macs, meta_macs, meta_prior, meta_tokenizer
from rqbench.metrics.flops import count_macs, count_parameters
from rqbench.models import build_prior, build_tokenizer

HALVES = {"channels": 8, "multipliers": [1, 1], "num_res_blocks": 1, "embedding": 8, "patch": 2}
VQ = {"type": "vq", "config": {"codebook_size": 8, "conv": HALVES}}
RASTER = {"type": "raster", "config": {"layers": 2, "width": 16, "heads": 2}}


def test_no_value_is_stored():
    assert {weight.device.type for weight in meta_tokenizer(VQ, "here").state_dict().values()} == {
        "meta"
    }


def test_multiply_adds_are_those_of_the_real_model():
    real = build_tokenizer("vq", VQ["config"], "here").eval()
    image = torch.rand(1, 3, 32, 32)
    with torch.no_grad():
        codes = real.encode(image)
        expected = Macs(count_macs(real.encode, image), count_macs(real.decode, codes))
    assert meta_macs(VQ, 32, "here") == expected


def test_equal_tokenizers_are_built_once_wherever_they_stand():
    assert meta_tokenizer(VQ, "here") is meta_tokenizer(dict(VQ), "there")


def test_a_prior_is_built_for_the_tokenizers_codes_and_its_condition():
    found = meta_prior(RASTER, VQ, 32, "here", ConditionSpec(5))
    layout = meta_tokenizer(VQ, "here").layout(32)
    real = build_prior("raster", RASTER["config"], layout, None, ConditionSpec(5), "here")
    assert (found.layout, found.condition) == (layout, ConditionSpec(5))
    assert count_parameters(found) == count_parameters(real)


def test_a_wrong_config_is_answered_with_its_place():
    with pytest.raises(ConfigError, match=r"here\.dept: no such key\. Did you mean 'depth'\?"):
        meta_tokenizer({"type": "rq", "config": {"dept": 2}}, "here")
