"""Mirrors rqbench/condition_spec.py."""

from rqbench.condition_spec import ConditionSpec


def test_the_null_condition_is_one_integer_more():
    assert ConditionSpec(5, 2).num_symbols == 5
    assert ConditionSpec(5, 2, null=True).num_symbols == 6
