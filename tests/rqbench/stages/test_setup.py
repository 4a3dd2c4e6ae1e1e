"""Mirrors rqbench/stages/setup.py."""

import pytest

from rqbench.choice import Sampling
from rqbench.models import build_tokenizer
from rqbench.stages.setup import setup_digests
from rqbench.training import PriorTraining, TokenizerTraining

TRAINING = TokenizerTraining(steps=4)


def digests(training=TRAINING, sampling=None, type_name="vq", **config):
    small = {"conv": {"channels": 8, "multipliers": [1], "embedding": 4}, "codebook_size": 8}
    model = build_tokenizer("vq", small | config, "t")
    return setup_digests(type_name, model, training, sampling)


def test_defaults_that_are_said_and_logging_change_nothing():
    assert digests(commitment_weight=0.25) == digests()
    assert digests(TokenizerTraining(steps=4, log_every=1, checkpoint_every=7)) == digests()


@pytest.mark.parametrize(
    ("changed", "part"),
    [
        ({"commitment_weight": 1.0}, "model"),
        ({"type_name": "other"}, "model"),
        ({"training": TokenizerTraining(steps=4, learning_rate=0.02)}, "training"),
        ({"training": TokenizerTraining(steps=4, adversarial={})}, "training"),
    ],
)
def test_each_choice_changes_the_digest_of_its_part_alone(changed, part):
    before, after = digests(), digests(**changed)
    assert [name for name in before if before[name] != after[name]] == [part]


def test_soft_targets_are_of_the_training_and_guidance_of_the_sampling():
    plain = digests(PriorTraining(), Sampling())
    soft = digests(PriorTraining(soft_targets={"temperature": 1.0}), Sampling())
    assert [name for name in plain if plain[name] != soft[name]] == ["training"]
    guided = digests(PriorTraining(), Sampling(guidance=2.0))
    assert [name for name in plain if plain[name] != guided[name]] == ["sampling"]
