"""Mirrors rqbench/model_preset.py."""

import pytest
import torch
from pydantic import ValidationError

from rqbench.condition_spec import ConditionSpec
from rqbench.errors import ConfigError, UnknownPluginError
from rqbench.metrics.flops import count_parameters
from rqbench.model_preset import (
    ModelPreset,
    build_model,
    find_model_preset,
    model_presets,
    with_model_preset,
)
from rqbench.prior import Prior
from rqbench.tokenizer import Tokenizer


@pytest.fixture(autouse=True)
def _offered(offer, small_presets):
    offer(small_presets)


def weights(model):
    return torch.cat([weight.flatten() for weight in model.parameters()])


def test_models_are_told_from_experiments():
    names = model_presets()
    assert "small-vq" in names
    assert "tiny" not in names


def test_lists_are_as_a_file_would_hold_them():
    preset = ModelPreset(
        kind="tokenizer", type="vq", config={"a": (1, 2)}, parameters=1, counting="", source=""
    )
    assert preset.config == {"a": [1, 2]}


@pytest.mark.parametrize(("kind", "tokenizer"), [("prior", None), ("tokenizer", "small-vq")])
def test_a_prior_and_nothing_else_names_its_tokenizer(kind, tokenizer):
    with pytest.raises(ValidationError, match="a prior, and nothing else, names the preset"):
        ModelPreset(
            kind=kind,
            type="t",
            config={},
            tokenizer=tokenizer,
            parameters=1,
            counting="",
            source="",
        )


def test_sampling_settings_are_checked():
    with pytest.raises(ValidationError, match="top_kk"):
        ModelPreset(
            kind="tokenizer", type="t", config={}, sampling={"top_kk": 1}, parameters=1,
            counting="", source="",
        )  # fmt: skip


def test_a_condition_is_what_the_prior_is_built_for():
    assert find_model_preset("small-gpt").condition == ConditionSpec(5, 1)
    assert find_model_preset("small-pair").condition is None


@pytest.mark.parametrize(
    ("name", "kind", "said"),
    [
        ("small-vg", None, "'small-vg' is none that is known. Did you mean 'small-vq'?"),
        ("tiny", None, "'tiny' is none that is known"),
        ("small-vq", "prior", "'small-vq' is a tokenizer, not a prior. .*small-gpt, small-pair"),
    ],
)
def test_a_preset_that_is_not_there_is_answered_with_the_nearest(name, kind, said):
    with pytest.raises(UnknownPluginError, match=said):
        find_model_preset(name, kind)


def test_a_tokenizer_is_built_with_weights_of_the_seed():
    one, same, other = (build_model("small-vq", seed) for seed in (0, 0, 1))
    assert isinstance(one, Tokenizer)
    assert not one.training
    assert torch.equal(weights(one), weights(same))
    assert not torch.equal(weights(one), weights(other))
    codes = one.encode(torch.rand(2, 3, 32, 32))
    assert one.decode(codes).shape == (2, 3, 32, 32)


@pytest.mark.slow
def test_a_published_model_is_really_built_with_random_weights():
    prior = build_model("rq-throughput-8x8x4-small", seed=1)
    assert count_parameters(prior) == 97_483_264
    assert {weight.device.type for weight in prior.parameters()} == {"cpu"}
    assert prior.head.linear.weight.std().item() == pytest.approx(0.02, rel=0.01)


def test_a_prior_is_built_for_its_tokenizers_codes_and_draws_them():
    prior = build_model("small-gpt")
    assert isinstance(prior, Prior)
    codes = prior.sample(2, seed=0, condition=torch.tensor([[0], [4]]))
    assert codes.layout == build_model("small-vq").layout(32)


def test_a_preset_gives_way_to_what_it_stands_for_below_what_is_said_beside_it():
    said = {"preset": "small-vq", "config": {"conv": {"channels": 4}}, "training": {"steps": 1}}
    cooked = with_model_preset("tokenizer", said)
    assert cooked.keys() == {"type", "config", "training"}
    assert cooked["config"]["codebook_size"] == 8
    assert cooked["config"]["conv"]["channels"] == 4
    assert cooked["config"]["conv"]["patch"] == 2


def test_a_priors_preset_brings_its_sampling():
    cooked = with_model_preset("prior", {"preset": "small-gpt"})
    assert cooked["sampling"] == {"top_k": 3}


def test_what_names_no_preset_stays_as_it_is():
    said = {"type": "vq", "preset": None}
    assert with_model_preset("tokenizer", said) is said


def test_a_type_beside_a_preset_is_refused():
    with pytest.raises(ConfigError, match="says `preset: small-vq` and `type: rq`"):
        with_model_preset("tokenizer", {"preset": "small-vq", "type": "rq"})
