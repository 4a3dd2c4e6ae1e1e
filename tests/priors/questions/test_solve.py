"""Mirrors rqbench_priors/questions/solve.py."""

import pytest

from rqbench.api import ConfigError
from rqbench_priors.questions.solve import hold_equal, nearest_size


@pytest.mark.parametrize(
    ("target", "size"), [(49, 7), (50, 7), (56, 7), (57, 8), (64, 8), (0, 2), (1000, 20)]
)
def test_the_size_is_the_one_whose_amount_is_nearest(target, size):
    assert nearest_size(lambda n: n * n, target, 2, 20) == size


def test_amounts_within_two_percent_pass_and_others_are_named():
    hold_equal("multiply-adds", {"a": 1000, "b": 1020, "c": 1010}, "Widen it.")
    with pytest.raises(ConfigError) as caught:
        hold_equal("multiply-adds", {"a": 10_500, "b": 10_000, "c": 10_100}, "Widen it.")
    assert str(caught.value) == (
        "experiment.scale: multiply-adds of b and a would be 10,000 and 10,500, and may differ by "
        "2% at most. Widen it."
    )
