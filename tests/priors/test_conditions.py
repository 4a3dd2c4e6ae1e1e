"""Mirrors rqbench_priors/conditions.py."""

import pytest
import torch

from rqbench.api import ConditionSpec, UnsupportedError
from rqbench_priors.conditions import check_condition, prefix_length

THREE = torch.zeros(3, 2, dtype=torch.int64)


@pytest.mark.parametrize(
    ("spec", "condition"),
    [(None, None), (ConditionSpec(5, 2), THREE)],
)
def test_what_the_prior_was_built_for_passes(spec, condition):
    check_condition(spec, condition, 3)


@pytest.mark.parametrize(
    ("spec", "condition", "why"),
    [
        (None, THREE, "built without a condition"),
        (ConditionSpec(5, 2), None, r"shape \(3, 2\).*got none"),
        (ConditionSpec(5, 1), THREE, r"shape \(3, 1\).*shape \(3, 2\)"),
        (ConditionSpec(5, 2), THREE[:2], r"shape \(3, 2\).*shape \(2, 2\)"),
        (ConditionSpec(5, 2), THREE + 5, r"from 5 to 5, and this prior knows 0 to 4"),
        (ConditionSpec(5, 2), THREE - 1, r"from -1 to -1"),
        (ConditionSpec(5, 2, null=True), THREE + 6, r"knows 0 to 5"),
    ],
)
def test_anything_else_is_refused(spec, condition, why):
    with pytest.raises(UnsupportedError, match=why):
        check_condition(spec, condition, 3)


def test_without_a_condition_one_start_token_comes_first():
    assert [prefix_length(spec) for spec in (None, ConditionSpec(5), ConditionSpec(5, 7))] == [
        1, 1, 7,
    ]  # fmt: skip
