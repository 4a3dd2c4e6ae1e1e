"""Mirrors rqbench/metrics/kernel_subsets.py."""

import numpy as np
import pytest
import torch

from rqbench.metrics.kernel_subsets import kernel_distance
from rqbench.metrics.libraries import library


def features(n: int, shift: float, seed: int) -> torch.Tensor:
    return torch.randn(n, 16, generator=torch.Generator().manual_seed(seed)) + shift


def test_the_distance_of_two_pairs_of_points_is_that_worked_out_by_hand():
    reference, candidate = torch.tensor([[0.0], [1.0]]), torch.tensor([[1.0], [2.0]])
    # (x.y + 1)^3: within 1 and 27, between 1, 1, 8 and 27
    assert kernel_distance(reference, candidate).value == 1 + 27 - 2 * (1 + 1 + 8 + 27) / 4


@pytest.mark.parametrize(("n", "m", "size"), [(60, 90, 40), (60, 90, 60)])
def test_value_and_spread_are_torch_fidelitys_for_the_same_seed(n, m, size):
    reference, candidate = features(n, 0, seed=0), features(m, 0.3, seed=1)
    theirs = library("torch_fidelity.metric_kid").kid_features_to_metric(
        reference.double(), candidate.double(), kid_subsets=7, kid_subset_size=size, rng_seed=5,
        verbose=False,
    )  # fmt: skip
    ours = kernel_distance(reference, candidate, 7, size, seed=5)
    assert ours.value == theirs["kernel_inception_distance_mean"]


def test_fewer_pictures_than_a_subset_are_taken_whole_and_once():
    found = kernel_distance(features(20, 0, seed=0), features(20, 1, seed=1))
    assert (found.subsets, found.subset_size) == (1, 20)


def test_subsets_are_clean_fids_once_that_is_seeded():
    first, second = features(50, 0, seed=0).double(), features(70, 0.2, seed=1).double()
    np.random.seed(3)
    theirs = library("cleanfid.fid").kernel_distance(second.numpy(), first.numpy(), 5, 20)
    assert kernel_distance(first, second, 5, 20, seed=3).value == pytest.approx(theirs, rel=1e-9)
