"""Mirrors rqbench_tokenizers/router.py."""

import pytest
import torch

from rqbench_tokenizers.router import FeatureRouter, budget_loss, fineness, undecided
from rqbench_tokenizers.thresholds import route


def test_the_published_router_has_its_published_size() -> None:
    with torch.device("meta"):
        router = FeatureRouter(256, 2, 32)
        triple = FeatureRouter(256, 3, 32)
    assert sum(weight.numel() for weight in router.parameters()) == 264_706
    assert sum(weight.numel() for weight in triple.parameters()) == 594_435


def test_logits_see_coarse_features_and_the_mean_of_the_finer_ones() -> None:
    router = FeatureRouter(1, 2, 32)
    router.norms = torch.nn.ModuleList([torch.nn.Identity(), torch.nn.Identity()])
    router.gate = torch.nn.Identity()
    coarse = torch.tensor([[[[5.0, 6.0]]]])
    fine = torch.tensor([[[[1.0, 2.0, 0.0, 0.0], [3.0, 4.0, 0.0, 8.0]]]])
    assert router([coarse, fine])[0].tolist() == [[[5.0, 2.5], [6.0, 2.0]]]


def test_of_two_grains_the_preferred_one_wins_and_ties_stay_coarse() -> None:
    logits = torch.tensor([[[[1.0, 3.0], [2.0, 1.0], [1.0, 1.0]]]])
    assert fineness(logits).tolist() == [[[2.0, -1.0, 0.0]]]
    assert route(fineness(logits), undecided(2)).tolist() == [[[1, 0, 0]]]


def test_of_three_grains_the_mean_grain_decides() -> None:
    logits = torch.tensor([[[[9.0, 0.0, 0.0], [0.0, 9.0, 0.0], [0.0, 0.0, 9.0]]]])
    assert fineness(logits)[0, 0].tolist() == pytest.approx([0, 1, 2], abs=1e-3)
    assert route(fineness(logits), undecided(3)).tolist() == [[[0, 1, 2]]]


def test_the_budget_binds_the_batch_and_is_the_published_one_at_weight_20() -> None:
    gate = torch.tensor([[[[0.0, 1.0], [0.0, 1.0]]], [[[0.0, 1.0], [1.0, 0.0]]]])  # 3 of 4 fine
    assert (20 * budget_loss(gate, (0.5,))).item() == pytest.approx(20 * 0.25**2)
    balanced = torch.tensor([[[[0.0, 1.0]]], [[[1.0, 0.0]]]])  # each image is off, the batch is not
    assert budget_loss(balanced, (0.5,)).item() == 0


def test_the_budget_of_three_grains_adds_both_finer_ones() -> None:
    gate = torch.tensor([[[[1.0, 0, 0], [0, 1.0, 0], [0, 1.0, 0], [0, 0, 1.0]]]])
    assert budget_loss(gate, (0.3, 0.3)).item() == pytest.approx(0.2**2 + 0.05**2)
