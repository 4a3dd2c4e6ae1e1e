"""Mirrors rqbench/metrics/inception_score.py."""

import math

import pytest
import torch

from rqbench.metrics.inception_score import inception_influence, inception_score
from rqbench.metrics.libraries import library
from rqbench.resampling import jackknife_error

SURE = 60.0  # a logit so far above the others that its class is certain


def sure_of(classes: list[int], num_classes: int = 4) -> torch.Tensor:
    return SURE * torch.nn.functional.one_hot(torch.tensor(classes), num_classes).float()


def noise(n: int, num_classes: int = 10) -> torch.Tensor:
    return 2 * torch.randn(n, num_classes, generator=torch.Generator().manual_seed(0))


def test_four_sure_classes_in_equal_number_score_four():
    assert inception_score(sure_of([0, 1, 2, 3] * 5), splits=1).value == pytest.approx(4)


def test_one_class_alone_scores_one():
    assert inception_score(sure_of([2] * 8), splits=2).value == pytest.approx(1)


def test_sorted_classes_in_parts_by_place_score_one_and_shuffled_ones_more():
    by_class = sure_of([0] * 50 + [1] * 50)
    assert inception_score(by_class, splits=2, seed=None).value == pytest.approx(1)
    assert inception_score(by_class, splits=2).value > 1.9


@pytest.mark.parametrize(("n", "splits"), [(100, 10), (103, 7), (5, 10)])
def test_values_and_spread_are_torch_fidelitys(n, splits):
    logits = noise(n)
    theirs = library("torch_fidelity.metric_isc").isc_features_to_metric(logits, min(splits, n))
    ours = inception_score(logits, splits)
    assert ours.value == theirs["inception_score_mean"]


def test_parts_of_a_given_size_leave_the_rest_to_the_last():
    logits = noise(25)
    found = inception_score(logits, split_size=10, seed=None)
    each = [inception_score(part, splits=1).value for part in torch.split(logits, 10)]
    assert found.splits == 3
    assert found.value == pytest.approx(sum(each) / 3)


def test_an_influence_is_what_leaving_the_picture_out_takes_away_from_its_part():
    logits = noise(400)
    found = inception_score(logits, splits=2, seed=None)
    influence = inception_influence(logits, found).values
    for place, part in ((0, logits[:200]), (123, logits[:200]), (207, logits[200:])):
        kept = torch.arange(200) != place % 200
        whole, without = (inception_score(each, splits=1).value for each in (part, part[kept]))
        assert (whole - without) / 2 == pytest.approx(float(influence[place]) / 400, abs=2e-3)


@pytest.mark.parametrize("splits", [1, 4])
def test_the_error_is_the_spread_over_other_draws(splits):
    random = torch.Generator().manual_seed(1)
    values, errors = [], []
    for _ in range(200):
        logits = 2 * torch.randn(500, 10, generator=random)
        found = inception_score(logits, splits=splits)
        values.append(found.value)
        errors.append(inception_influence(logits, found).error().standard_error)
    ratio = sum(errors) / len(errors) / float(torch.tensor(values).std())
    assert math.isclose(ratio, 1, abs_tol=0.15)


def test_the_spread_of_small_parts_is_the_error_where_influences_tell_too_little():
    random = torch.Generator().manual_seed(1)
    values, spreads, influences = [], [], []
    for _ in range(200):
        logits = 6 * torch.randn(80, 100, generator=random)
        found = inception_score(logits, splits=10)
        values.append(found.value)
        spreads.append(jackknife_error(found.left_out.replicates).standard_error)
        influences.append(inception_influence(logits, found).error().standard_error)
    deviation = float(torch.tensor(values).std())
    assert math.isclose(sum(spreads) / 200 / deviation, 1, abs_tol=0.15)
    assert sum(influences) / 200 / deviation < 0.8


def test_one_part_has_no_spread_and_one_picture_a_part_none_that_tells():
    assert inception_score(noise(20), splits=1).left_out.replicates == []
    assert inception_score(noise(8), splits=10).left_out.replicates == pytest.approx([1] * 8)
