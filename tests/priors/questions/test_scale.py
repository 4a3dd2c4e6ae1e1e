"""Mirrors rqbench_priors/questions/scale.py."""

import pytest

from rqbench.api import ConfigError


def test_the_halves_must_say_their_size(scale):
    with pytest.raises(ConfigError, match=r"scale\.conv: .*must say channels, embedding"):
        scale(conv={"multipliers": [1, 1]})


@pytest.mark.parametrize("part", ["quantizer", "rq", "dq"])
@pytest.mark.parametrize(
    ("key", "value", "where"),
    [
        ("codebook_size", 32, "scale.codebook_size"),
        ("depth", 8, "scale.depth"),
        ("conv", {"channels": 8}, "scale.conv"),
        ("resolution", 64, "data.resolution"),
    ],
)
def test_what_questions_set_may_not_be_given_for_single_tokenizers(scale, part, key, value, where):
    said = rf"scale\.{part}: .*questions set {key} from {where}; leave it out"
    with pytest.raises(ConfigError, match=said):
        scale(**{part: {key: value}})


@pytest.mark.parametrize("prior", ["depth_stacked", "coarse_to_fine"])
def test_the_hidden_width_that_is_solved_for_may_not_be_given(scale, prior):
    with pytest.raises(ConfigError, match=rf"scale\.{prior}: .*mlp_width is solved for"):
        scale(**{prior: {"mlp_width": 8}})
