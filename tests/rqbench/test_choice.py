"""Mirrors rqbench/choice.py."""

import pytest
import torch

from rqbench.api import ConfigError, Filter, Sampling, choose_by_uniform, parse_config

HALVES = torch.tensor([0.5, 0.2, 0.2, 0.1]).log()


def choose(
    u: list[float],
    narrowing: Filter,
    legal: list[bool] | None = None,
    logits: torch.Tensor = HALVES,
) -> list[int]:
    mask = torch.tensor([legal or [True] * len(logits)]).expand(len(u), -1)
    rows = logits.expand(len(u), -1)
    return choose_by_uniform(rows, mask, torch.tensor(u, dtype=torch.float64), narrowing).tolist()


def test_a_choice_inverts_the_cumulative_sum():
    assert choose([0.0, 0.49, 0.51, 0.69, 0.71, 0.89, 0.91, 0.999], Filter()) == [
        0, 0, 1, 1, 2, 2, 3, 3,
    ]  # fmt: skip


def test_a_u_that_equals_an_edge_picks_the_next_symbol():
    assert choose([0.25, 0.5], Filter(), logits=torch.zeros(4)) == [1, 2]


def test_illegal_symbols_are_never_picked():
    assert choose([0.0, 0.66, 0.67, 1 - 2**-53], Filter(), [False, True, False, True]) == [
        1, 1, 3, 3,
    ]  # fmt: skip
    assert choose([0.0, 1 - 2**-53], Filter(), [False, True, False, False]) == [1, 1]


def test_top_k_keeps_ties_with_the_kth():
    # the two 0.2 tie for second place: 0.5 0.2 0.2 over 0.9
    assert choose([0.55, 0.56, 0.77, 0.78, 0.999], Filter(top_k=2)) == [0, 1, 1, 2, 2]
    assert choose([0.999], Filter(top_k=1)) == [0]


def test_top_k_counts_legal_symbols_only_and_may_exceed_them():
    assert choose([0.0, 0.999], Filter(top_k=1), [False, False, False, True]) == [3, 3]
    assert choose([0.0, 0.999], Filter(top_k=3), [False, True, False, True]) == [1, 3]
    assert choose([0.999], Filter(top_k=9)) == [3]


def test_top_p_keeps_the_symbol_that_crosses():
    # 0.5 is below 0.6, so the first 0.2 is kept too: 0.5 and 0.2 over 0.7
    assert choose([0.71, 0.72, 0.999], Filter(top_p=0.6)) == [0, 1, 1]
    assert choose([0.999], Filter(top_p=0.01)) == [0]


def test_top_p_counts_what_top_k_left():
    # top-k leaves 0.5 0.2 0.2 over 0.9: 0.556 reaches 0.55 alone, of the whole it would not
    assert choose([0.999], Filter(top_k=2, top_p=0.55)) == [0]
    assert choose([0.999], Filter(top_p=0.55)) == [1]


QUARTERS = torch.zeros(4)  # their sums are exact: 0.25 0.5 0.75 1


def test_a_sum_that_meets_top_p_is_enough_or_takes_one_symbol_more_by_the_rule():
    for rule, highest in (("reach", 1), ("exceed", 2)):
        narrowing = Filter(top_k=4, top_p=0.5, nucleus=rule)
        assert choose([0.0, 0.999], narrowing, logits=QUARTERS) == [0, highest]
    # short of it and past it the rules agree
    for top_p, highest in ((0.49, 1), (0.51, 2), (0.74, 2), (0.76, 3)):
        narrowings = [Filter(top_k=4, top_p=top_p, nucleus=rule) for rule in ("reach", "exceed")]
        chosen = [choose([0.999], narrowing, logits=QUARTERS) for narrowing in narrowings]
        assert chosen == [[highest], [highest]]


def test_by_the_rule_exceed_top_p_without_top_k_keeps_everything():
    assert choose([0.999], Filter(top_p=0.5, nucleus="exceed")) == [3]
    assert choose([0.999], Filter(top_k=4, top_p=0.4, nucleus="exceed")) == [0]
    assert choose([0.999], Filter(top_p=0.4)) == [0]


def test_the_nucleus_rule_is_that_of_all_symbols():
    sampling = Sampling(nucleus="exceed")
    assert {sampling.at(kind, 0).nucleus for kind in ("content", "position", "grain")} == {"exceed"}


def test_temperature_divides_logits():
    logits = torch.tensor([0.0, 2.0]).log1p()  # 1 : 3, at temperature 0.5 1 : 9
    assert choose([0.24, 0.26], Filter(), logits=logits) == [0, 1]
    assert choose([0.09, 0.11], Filter(temperature=0.5), logits=logits) == [0, 1]


def test_lists_shorter_than_the_stack_repeat_their_last_value():
    sampling = Sampling(top_k=(9, 5), top_p=0.9, position_top_k=3)
    assert [sampling.at("content", depth).top_k for depth in range(3)] == [9, 5, 5]
    assert sampling.at("content", 2).top_p == 0.9
    assert sampling.at("position", 0) == Filter(1.0, 3, 1.0)


@pytest.mark.parametrize(
    "wrong",
    [
        {"top_k": 0},
        {"top_k": []},
        {"top_p": 0},
        {"top_p": [0.5, 1.5]},
        {"temperature": 0},
        {"nucleus": "other"},
    ],
)
def test_settings_that_leave_nothing_are_refused(wrong):
    with pytest.raises(ConfigError, match=next(iter(wrong))):
        parse_config(Sampling, wrong, "sampling")
