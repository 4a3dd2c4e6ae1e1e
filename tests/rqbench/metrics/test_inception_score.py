"""Mirrors rqbench/metrics/inception_score.py."""

import numpy as np
import pytest
import torch

from rqbench.metrics.inception_score import inception_influence, inception_score
from rqbench.metrics.libraries import library


def test_sure_pictures_of_two_classes_score_two():
    logits = torch.tensor([[50.0, 0.0], [0.0, 50.0]])
    assert inception_score(logits, 1, seed=0) == pytest.approx(2.0)
    assert inception_influence(logits).value == pytest.approx(2.0)


@pytest.mark.parametrize("is_shuffled", [True, False])
def test_it_equals_that_of_torch_fidelity(is_shuffled):
    logits = 3 * torch.randn(107, 12)
    expected = library("torch_fidelity.metric_isc").isc_features_to_metric(
        logits, splits=10, shuffle=is_shuffled, rng_seed=4
    )["inception_score_mean"]
    found = inception_score(logits, 10, seed=4, is_shuffled=is_shuffled)
    assert found == pytest.approx(expected, rel=1e-12)


def test_an_influence_is_what_leaving_the_picture_out_changes():
    logits = 3 * torch.randn(500, 12)
    found = inception_influence(logits)
    centred = found.influence.values - found.influence.values.mean()
    for index in (0, 77):
        left = inception_influence(logits[torch.arange(500) != index]).value
        assert float(centred[index]) == pytest.approx(499 * (found.value - left), abs=0.1)


def test_error_and_bias_are_those_over_draws():
    found = [inception_influence(3 * torch.randn(200, 12)) for _ in range(300)]
    values = [one.value for one in found]
    truth = inception_influence(3 * torch.randn(100_000, 12)).value
    errors = [one.influence.error().standard_error for one in found]
    assert np.mean(errors) == pytest.approx(np.std(values), rel=0.1)
    assert np.mean([one.bias for one in found]) == pytest.approx(np.mean(values) - truth, rel=0.2)
