"""Mirrors rqbench/metrics/set_scores.py."""

import pytest
import torch

from rqbench.metrics.frechet import frechet_distance, gaussian, gaussian_of
from rqbench.metrics.frechet_score import frechet_score
from rqbench.metrics.inception_score import inception_score
from rqbench.metrics.moments import Moments
from rqbench.metrics.set_scores import (
    Matched,
    rate_frechet,
    rate_inception,
    rate_kernel,
    rate_neighbours,
)

NAMES = [f"photo {place // 5}" for place in range(60)]
PAIRS = Matched(NAMES, NAMES, is_paired=True)


def drawn(n, d, seed):
    return torch.randn(n, d, generator=torch.Generator().manual_seed(seed))


def test_of_many_pictures_both_distances_are_moved_by_each_of_them():
    sets = drawn(60, 8, 0), drawn(70, 8, 1)
    expected = frechet_score(*sets)
    plain, corrected = rate_frechet(*sets, Matched())
    assert (plain.value, corrected.value) == (expected.plain, expected.corrected.value)
    assert plain.error == corrected.error == plain.moved.error
    assert plain.method == "influence of each picture, Student t"


def test_pairs_have_no_corrected_distance_and_crops_neither_which_is_said():
    sets = drawn(60, 8, 0), drawn(60, 8, 1)
    (paired,) = rate_frechet(*sets, PAIRS)
    assert paired.method == (
        "influence of each picture, summed over 12 photographs of pairs, Student t"
    )
    assert paired.note == ""
    (apart,) = rate_frechet(*sets, Matched(candidate=NAMES))
    assert apart.method == (
        "influence of each picture, summed over 12 photographs of the candidate, Student t"
    )
    assert "crops are not" in apart.note


def test_of_few_pictures_the_distance_loses_a_photograph_at_a_time():
    sets = drawn(60, 80, 0), drawn(60, 80, 1)
    kept = torch.tensor([name != "photo 0" for name in NAMES])
    whole, without = sets, [each[kept] for each in sets]
    for matched, side, left_over in (
        (PAIRS, "both", without),
        (Matched(NAMES, None), "reference", (without[0], whole[1])),
        (Matched(None, NAMES), "candidate", (whole[0], without[1])),
    ):
        (found,) = rate_frechet(*sets, matched)
        left = found.left_out[side]
        expected = frechet_distance(*(gaussian(each) for each in left_over))
        assert left.replicates[left.groups.index("photo 0")] == pytest.approx(expected)
        assert len(left.groups) == 12
        assert "and 60 are too few" in found.note


@pytest.mark.parametrize("width", [8, 80])
def test_against_a_reference_that_stands_fixed_the_candidates_alone_count(width):
    sets = drawn(60, width, 0), drawn(60, width, 1)
    for rating in (
        lambda matched: rate_frechet(*sets, matched)[0],
        lambda matched: rate_kernel(*sets, matched),
        lambda matched: rate_neighbours(*sets, matched, 3)[1],
    ):
        fixed, apart = rating(Matched(is_fixed=True)), rating(Matched())
        assert 0 < fixed.error.standard_error < apart.error.standard_error
        assert fixed.value == apart.value
        assert fixed.method.endswith("; the reference stands fixed")
        assert "fixed" not in apart.method


def test_statistics_as_the_reference_lose_nothing():
    fixed = gaussian_of(Moments.of(drawn(200, 30, 0)))
    (found,) = rate_frechet(fixed, drawn(20, 30, 1), Matched())
    assert found.method == (
        "jackknife over 16 groups of the candidate, Student t; the reference stands fixed"
    )


def test_clusters_widen_the_error_of_every_score_that_pictures_alike_move_alike():
    """Each picture stands there five times, which shows nothing new: five times the variance."""
    once = drawn(24, 6, 0), drawn(24, 6, 1) + 0.5
    again = [each.repeat_interleave(5, dim=0) for each in once]
    names = [f"photo {place // 5:02d}" for place in range(120)]
    crops, alone = Matched(names, names), Matched()
    for rating in (
        lambda matched: rate_frechet(*again, matched)[0],
        lambda matched: rate_kernel(*again, matched),
        lambda matched: rate_inception(again[1], matched, splits=1),
    ):
        ratio = rating(crops).error.standard_error / rating(alone).error.standard_error
        assert 1.7 < ratio < 2.8  # the root of five, but for halves, which are not the same
    inception = rate_inception(again[1], crops, 1), rate_inception(once[1], alone, 1)
    assert inception[0].error.standard_error == pytest.approx(inception[1].error.standard_error)


def test_neighbours_lose_photographs_of_the_set_that_has_them():
    sets = drawn(60, 6, 0), drawn(60, 6, 1)
    for each in rate_neighbours(*sets, Matched(candidate=NAMES), 3):
        assert each.left_out["candidate"].groups == sorted(set(NAMES))
        assert len(each.left_out["reference"].groups) == 16


@pytest.mark.parametrize("counts", [(3, 9), (9, 3)])
def test_no_more_pictures_than_neighbours_have_none_of_their_scores(counts):
    first, second = (drawn(count, 2, seed) for seed, count in enumerate(counts))
    assert rate_neighbours(first, second, Matched(), 3) == []
    assert len(rate_neighbours(first, second, Matched(), 2)) == 4


def test_one_photograph_tells_no_error_of_any_score():
    sets = drawn(40, 6, 0), drawn(40, 6, 1)
    matched = Matched(candidate=["one"] * 40)
    found = [
        *rate_frechet(*sets, matched), rate_kernel(*sets, matched),
        rate_inception(sets[1], matched), *rate_neighbours(*sets, matched, 3),
    ]  # fmt: skip
    assert len(found) == 7
    assert all(each.ci95 is None and each.method.startswith("none") for each in found)


def test_recall_and_coverage_of_a_fixed_reference_have_an_error_that_is_not_far_too_small():
    """As it was in some draws, before there was a bound to what is taken off."""
    reference, fixed = drawn(150, 8, 0), Matched(is_fixed=True)
    draws = [
        {each.score: each for each in rate_neighbours(reference, drawn(150, 8, seed), fixed, 3)}
        for seed in range(1, 41)
    ]
    for score in ("recall", "coverage"):
        values = torch.tensor([draw[score].value for draw in draws])
        errors = torch.tensor([draw[score].error.standard_error for draw in draws])
        assert 0.25 * values.std() < errors.min() < values.std()


def test_the_inception_score_has_the_spread_of_parts_and_of_few_or_of_crops_influences():
    logits = drawn(60, 8, 0)
    many = rate_inception(logits, Matched(), splits=10)
    assert many.method == "jackknife over 10 groups of the candidate, Student t"
    parts = inception_score(logits).parts
    scores = torch.tensor([inception_score(logits[part], splits=1).value for part in parts])
    assert many.error.standard_error == pytest.approx(float(scores.std()) / 10**0.5)
    assert "influence" in rate_inception(logits, Matched(), splits=4).method
    assert "12 photographs" in rate_inception(logits, Matched(candidate=NAMES), splits=10).method
    alone = rate_inception(logits, Matched(), splits=60)
    assert (alone.value, alone.ci95) == (pytest.approx(1), None)  # always


def test_few_pictures_a_feature_are_noted_beside_the_corrected_distance():
    few, enough = drawn(30, 8, 0), drawn(33, 8, 1)
    assert rate_frechet(few, enough, Matched())[1].note.startswith("with 3.8 pictures a feature")
    assert rate_frechet(enough, drawn(32, 8, 2), Matched())[1].note == ""
