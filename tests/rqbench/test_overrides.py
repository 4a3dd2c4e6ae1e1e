"""Mirrors rqbench/overrides.py; overriding by `--set` is tested with experiments."""

import pytest

from rqbench.errors import ConfigError
from rqbench.overrides import parse_sweep, set_key


def test_a_sweep_is_a_key_with_values_of_any_kind():
    assert parse_sweep("tokenizer.depth=1,2,4") == ("tokenizer.depth", [1, 2, 4])
    assert parse_sweep("a.b=1e-3,-2.5E2,1e3x") == ("a.b", [0.001, -250.0, "1e3x"])
    assert parse_sweep("a.b=[2, 1],x, null") == ("a.b", [[2, 1], "x", None])


@pytest.mark.parametrize(
    ("sweep", "said"),
    [
        ("tokenizer.depth", "has no '='. Write --sweep key.path=value."),
        ("tokenizer.depth=", "has no value. Write --sweep tokenizer.depth=1,2,4."),
        ("tokenizer.depth={", "is not a list of YAML values"),
    ],
)
def test_a_sweep_that_cannot_be_read_says_how_to_write_one(sweep, said):
    with pytest.raises(ConfigError) as caught:
        parse_sweep(sweep)
    assert said in str(caught.value)


def test_a_key_is_set_below_keys_that_are_not_there_or_null():
    values = {"a": None, "list": [{"b": 1}]}
    set_key(values, "a.b.c", 2, "x")
    set_key(values, "list.0.b", 3, "x")
    assert values == {"a": {"b": {"c": 2}}, "list": [{"b": 3}]}
