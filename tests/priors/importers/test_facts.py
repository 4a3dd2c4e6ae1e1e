"""Mirrors rqbench_priors/importers/facts.py."""

import pytest
import torch

from rqbench.api import CheckpointError
from rqbench_priors.importers.facts import agreed, beside, count_blocks, num_heads, size, whole

STATE = {"a": torch.zeros(2, 3), "b": torch.zeros(3), "blocks.0.w": torch.zeros(1),
         "blocks.2.w": torch.zeros(1), "blocks.final.w": torch.zeros(1)}  # fmt: skip
CONFIG = {"model": {"n_head": 4, "n_layer": 2}, "data": [{"n_layer": 9}], "n_head": 4}


def test_a_size_is_what_all_tensors_and_the_config_say():
    assert size("width", STATE, (("a", 1), ("b", 0)), {"model.width": 3}) == 3


@pytest.mark.parametrize(
    ("axes", "said", "why"),
    [
        ((("a", 0), ("b", 0)), {}, "width is 2 by a, 3 by b"),
        ((("a", 1),), {"model.width": 4}, r"3 by a, 4 by model\.width of the config"),
        ((("c", 0),), {}, "lacks c"),
        ((("b", 1),), {}, r"b has the shape \(3,\)"),
    ],
)
def test_a_size_without_agreement_names_who_says_what(axes, said, why):
    with pytest.raises(CheckpointError, match=why):
        size("width", STATE, axes, said)


def test_blocks_are_counted_up_to_the_last_number():
    assert count_blocks(STATE, "blocks.", {}) == 3
    assert count_blocks(STATE, "others.", {}) == 0
    with pytest.raises(CheckpointError, match=r"3 blocks below 'blocks\.'.*n_layer: 2"):
        count_blocks(STATE, "blocks.", {"n_layer": 2})


def test_only_neighbours_count_as_said_of_the_same_model():
    assert beside(CONFIG, "n_head", "n_layer") == {"model.n_layer": 2}
    assert beside(CONFIG, "absent", "n_layer") == {}


def test_several_places_of_a_config_must_agree():
    assert agreed({"a": 4, "b": 4}) == 4
    assert agreed({}) is None
    with pytest.raises(CheckpointError, match="a: 4, b: 5"):
        agreed({"a": 4, "b": 5})


def test_heads_divide_the_width():
    assert num_heads({"n_head": 4}, 32, "a file") == 4
    for found, why in (({}, "Put a file beside"), ({"n_head": 5}, "n_head: 5.*width 32"),
                       ({"n_head": 0}, "n_head: 0")):  # fmt: skip
        with pytest.raises(CheckpointError, match=why):
            num_heads(found, 32, "a file")


@pytest.mark.parametrize("value", ["${n}", 4.0, True, None])
def test_a_whole_number_is_written_out(value):
    with pytest.raises(CheckpointError, match="where a whole number belongs"):
        whole("n_head", value)
