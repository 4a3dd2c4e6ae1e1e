"""Mirrors rqbench/metrics/neighbours.py."""

import numpy as np
import pytest
import torch

from rqbench.errors import DataError
from rqbench.metrics import neighbours as module
from rqbench.metrics.libraries import library
from rqbench.metrics.neighbours import neighbour_scores


def by_definition(reference, candidate, k):
    """The four scores from whole tables of distances, in the words of the papers."""
    own, theirs = torch.cdist(reference, reference), torch.cdist(candidate, candidate)
    between = torch.cdist(candidate, reference)
    reach = own.sort(dim=1).values[:, k]
    inside = between <= reach
    recalled = (between <= theirs.sort(dim=1).values[:, k][:, None]).any(dim=0)
    return {
        "precision": float(inside.any(dim=1).double().mean()),
        "recall": float(recalled.double().mean()),
        "density": float(inside.sum(dim=1).double().mean()) / k,
        "coverage": float(inside.any(dim=0).double().mean()),
    }


def test_points_on_a_line_by_hand():
    reference = torch.tensor([[0.0], [1.0], [3.0], [10.0]])  # reach 1, 1, 2 and 7
    candidate = torch.tensor([[2.0], [3.5], [20.0], [20.5]])  # reach 1.5, 1.5, 0.5 and 0.5
    found = neighbour_scores(reference, candidate, neighbours=1)
    assert found.precision.value == 2 / 4  # 2 and 3.5
    assert found.density.value == 4 / 4  # 2 in the balls of 1 and 3; 3.5 in those of 3 and 10
    assert found.recall.value == 2 / 4  # 1 and 3, on the edge and inside
    assert found.coverage.value == 3 / 4  # 1, 3 and 10


@pytest.mark.parametrize("k", [3, 5])
def test_precision_and_recall_are_those_of_torch_fidelity(k):
    reference, candidate = torch.randn(300, 8), 0.8 * torch.randn(250, 8) + 0.3
    expected = library("torch_fidelity.metric_prc").prc_features_to_metric(
        candidate, reference, prc_neighborhood=k, verbose=False, save_cpu_ram=True
    )
    found = neighbour_scores(reference, candidate, k)
    assert found.precision.value == pytest.approx(expected["precision"], abs=1e-6)
    assert found.recall.value == pytest.approx(expected["recall"], abs=1e-6)


@pytest.mark.parametrize("clusters", [False, True])
def test_a_replicate_is_what_the_pictures_that_stay_give(clusters, monkeypatch):
    """Each group's scores, measured anew; blocks end in the middle of groups."""
    monkeypatch.setattr(module, "_VALUES", 1000)
    reference = torch.randn(120, 4, dtype=torch.float64)
    candidate = reference + 0.5 * torch.randn(120, 4, dtype=torch.float64)
    names = np.array([f"photo {place % 5}" for place in range(120)])
    labels, count = (names, 5) if clusters else (np.arange(120), 16)
    groups = module._groups(labels, count)
    found = neighbour_scores(
        reference, candidate, 3, *((names, names) if clusters else (None, None))
    )
    for group in range(count):
        kept = groups != group
        expected = by_definition(reference[kept], candidate[kept], 3)
        for name, value in expected.items():
            assert getattr(found, name).replicates[group] == pytest.approx(value), name


def test_copies_of_the_reference_are_all_inside_whatever_rounding_does():
    reference = 1000 + torch.randn(200, 64)
    copies = reference[torch.randperm(200)]
    found = neighbour_scores(reference, copies, 3)
    assert [found.precision.value, found.recall.value, found.coverage.value] == [1, 1, 1]
    assert found.density.value == pytest.approx((200 * 4) / 200 / 3)  # itself and three neighbours


@pytest.mark.parametrize("dim", [4, 12])
def test_the_error_is_not_below_the_deviation_over_draws_nor_far_above(dim):
    """Jackknives count what pictures do together more than once, and balls do much together."""
    values = {"precision": [], "recall": [], "density": [], "coverage": []}
    errors = {name: [] for name in values}
    for _ in range(80):
        found = neighbour_scores(torch.randn(250, dim), 1.2 * torch.randn(250, dim), 3)
        for name in values:
            score = getattr(found, name)
            values[name].append(score.value)
            errors[name].append(score.error.standard_error)
    for name in values:
        ratio = np.mean(errors[name]) / np.std(values[name])
        assert 0.85 < ratio < 2.4, name


def test_too_few_pictures_for_a_ball_are_refused():
    with pytest.raises(DataError, match="4 pictures"):
        neighbour_scores(torch.randn(4, 2), torch.randn(90, 2), 3)
