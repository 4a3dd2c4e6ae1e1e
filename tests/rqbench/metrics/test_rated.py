"""Mirrors rqbench/metrics/rated.py."""

from dataclasses import replace

import pytest
import torch

from rqbench.metrics.influence import Influence, Measured
from rqbench.metrics.rated import NO_INTERVAL, Rated, compare_rated
from rqbench.resampling import LeftOut
from rqbench.statistics import ErrorBar, Interval


def moved(value: float, *candidate: float, reference: tuple[float, ...] = ()) -> Rated:
    theirs = Influence(torch.tensor(reference)) if reference else None
    return Rated("fid", value, moved=Measured(value, theirs, Influence(torch.tensor(candidate))))


def left_out(value: float, score: str = "kid", **replicates: list[float]) -> Rated:
    left = {side: LeftOut(value, of, list("abc")) for side, of in replicates.items()}
    return Rated(score, value, left_out=left)


def test_the_error_is_the_influences_spread_over_the_root_of_their_number():
    assert moved(5.0, -1.0, 1.0, -1.0, 1.0).error.standard_error == pytest.approx((1 / 3) ** 0.5)


def test_the_error_of_both_sets_adds_by_squares():
    both = moved(5.0, -1.0, 1.0, -1.0, 1.0, reference=(-1.0, 1.0, -1.0, 1.0))
    assert both.error.standard_error == pytest.approx((2 / 3) ** 0.5)


def test_otherwise_the_error_is_a_jackknife():
    # (3 - 1) / 3 * (1 + 0 + 1)
    found = left_out(2.0, candidate=[1.0, 2.0, 3.0])
    assert found.error.standard_error == pytest.approx((4 / 3) ** 0.5)


def test_the_method_says_what_was_left_out_and_whether_the_reference_stands_fixed():
    both = left_out(2.0, reference=[1.0, 2.0, 3.0], candidate=[1.0, 2.0, 3.0])
    assert both.method == (
        "jackknife over 3 groups of the reference and 3 groups of the candidate, Student t"
    )
    assert moved(5.0, 1.0, 2.0).method.endswith("; the reference stands fixed")
    assert "fixed" not in moved(5.0, 1.0, 2.0, reference=(1.0, 2.0)).method


def test_the_method_counts_the_photographs_that_pictures_are_crops_of():
    crops = Influence(torch.tensor([1.0, 2.0, 4.0]), clusters=["a", "b", "b"])
    apart = Influence(torch.tensor([1.0, 3.0, 2.0]))
    assert Rated("fid", 5.0, moved=Measured(5.0, crops, apart)).method == (
        "influence of each picture, summed over 2 photographs of the reference, Student t"
    )
    assert Rated("fid", 5.0, moved=Measured(5.0, crops, crops)).method == (
        "influence of each picture, summed over 2 photographs of the reference and 2 photographs "
        "of the candidate, Student t"
    )
    assert Rated("fid", 5.0, moved=Measured(5.0, crops, crops, is_paired=True)).method == (
        "influence of each picture, summed over 2 photographs of pairs, Student t"
    )


def test_without_a_group_a_score_is_what_was_left_or_what_influences_say():
    left = left_out(2.0, candidate=[1.0, 2.0, 3.0])
    assert left.without(["a", "b", "c"]) == left.left_out["candidate"]
    # Without the pictures of a, at 1 and 3, there is 8 alone
    assert moved(4.0, 1.0, 8.0, 3.0).without(["a", "b", "a"]).replicates == pytest.approx([8, 2])
    theirs = Influence(torch.tensor([1.0, 0.0, 1.0]))
    ours = Influence(torch.tensor([0.0, 8.0, 2.0]))
    pairs = Rated("fid", 4.0, moved=Measured(4.0, theirs, ours, is_paired=True))
    assert pairs.without(["a", "b", "a"]).replicates == pytest.approx([8, 2])


def test_of_nothing_known_there_is_no_interval_and_no_difference():
    bare = Rated("fid_infinity", 3.0)
    assert (bare.ci95, bare.method) == (None, NO_INTERVAL)
    assert compare_rated(bare, bare) is None


def test_a_share_keeps_the_interval_that_it_came_with():
    share = Rated("training_copies_share", 0.1, interval=Interval(0.1, 0.0, 0.4, 9, 9, "Wilson"))
    assert (share.ci95, share.method) == ((0.0, 0.4), "Wilson")
    assert share.error.standard_error == float("inf")


@pytest.mark.parametrize(
    "rated",
    [
        moved(5.0, -1.0, 1.0, 2.0, reference=(1.0, 2.0, 4.0)),
        left_out(2.0, reference=[1.0, 2.0, 4.0], candidate=[1.0, 2.0, 3.0]),
    ],
)
def test_a_set_does_not_differ_from_itself(rated):
    found = compare_rated(rated, rated)
    assert (found.value, found.p_value) == (0.0, 1.0)


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (moved(5.0, 0.0, 0.0, reference=(1.0, 9.0)), moved(3.0, 0.0, 0.0, reference=(2.0, 10.0))),
        (
            left_out(5.0, reference=[1.0, 5.0, 9.0], candidate=[5.0, 5.0, 5.0]),
            left_out(3.0, reference=[2.0, 6.0, 10.0], candidate=[3.0, 3.0, 3.0]),
        ),
    ],
)
def test_what_the_reference_does_to_both_alike_moves_no_difference(first, second):
    found = compare_rated(first, second)
    assert found.value == 2.0
    assert found.error.standard_error == pytest.approx(0.0, abs=1e-12)


def test_scores_are_named_after_their_extractor_and_shares_are_not():
    assert Rated("fid", 1.0).metric("inception-v3-compat") == "fid"
    assert Rated("fid", 1.0).metric("colours") == "fd_colours"
    assert Rated("training_copies_share", 0.1).metric("colours") == "training_copies_share"


def test_an_interval_to_read_does_not_leave_what_the_score_can_be():
    assert left_out(0.9, "precision", candidate=[0.7, 0.9, 1.1]).possible[1] == 1.0
    assert left_out(0.1, "density", candidate=[0.0, 0.1, 0.2]).possible[0] == 0.0
    assert moved(0.5, -9.0, 9.0, -9.0, 9.0).possible[0] == 0.0
    assert left_out(0.9, "precision", candidate=[0.7, 0.9, 1.1]).ci95[1] > 1.0
    assert Rated("fid_infinity", 3.0).possible is None


def test_an_error_that_is_known_better_than_by_the_jackknife_is_taken():
    found = replace(
        left_out(2.0, candidate=[1.0, 2.0, 3.0]), chances={"candidate": ErrorBar(0.25, 15.0)}
    )
    assert found.error.standard_error == 0.25
    assert found.method.startswith(
        "jackknife over 3 groups of the candidate, less what it counts twice, Student t"
    )


def test_a_score_that_no_group_moves_has_no_error_and_no_difference():
    still = left_out(0.0, "precision", reference=[0.0, 0.0, 0.0], candidate=[0.0, 0.0, 0.0])
    assert still.ci95 is None
    assert (
        compare_rated(
            still, left_out(0.5, "precision", reference=[0.4, 0.5, 0.6], candidate=[0.5, 0.4, 0.6])
        )
        is None
    )
