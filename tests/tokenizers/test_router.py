"""Mirrors rqbench_tokenizers/router.py."""

import pytest
import torch

from rqbench_tokenizers.blocks import Style
from rqbench_tokenizers.router import FeatureRouter, Gate, budget_loss


def test_the_published_router_has_its_published_size() -> None:
    with torch.device("meta"):
        router = FeatureRouter(256, 2, Style())
        triple = FeatureRouter(256, 3, Style())
    assert sum(weight.numel() for weight in router.parameters()) == 264_706
    assert sum(weight.numel() for weight in triple.parameters()) == 594_435


def test_logits_see_coarse_features_and_the_mean_of_the_finer_ones() -> None:
    router = FeatureRouter(1, 2, Style())
    router.norms = torch.nn.ModuleList([torch.nn.Identity(), torch.nn.Identity()])
    router.gate = torch.nn.Identity()
    coarse = torch.tensor([[[[5.0, 6.0]]]])
    fine = torch.tensor([[[[1.0, 2.0, 0.0, 0.0], [3.0, 4.0, 0.0, 8.0]]]])
    assert router([coarse, fine])[0].tolist() == [[[5.0, 2.5], [6.0, 2.0]]]


def test_the_budget_binds_the_batch_and_is_the_published_one_at_weight_20() -> None:
    gate = torch.tensor([[[[0.0, 1.0], [0.0, 1.0]]], [[[0.0, 1.0], [1.0, 0.0]]]])  # 3 of 4 fine
    assert budget_loss(gate, (0.5,), (20.0,)).item() == pytest.approx(20 * 0.25**2)
    balanced = torch.tensor([[[[0.0, 1.0]]], [[[1.0, 0.0]]]])  # each image is off, the batch is not
    assert budget_loss(balanced, (0.5,), (20.0,)).item() == 0


def test_the_budget_of_three_grains_weighs_and_adds_both_finer_ones() -> None:
    gate = torch.tensor([[[[1.0, 0, 0], [0, 1.0, 0], [0, 1.0, 0], [0, 0, 1.0]]]])
    loss = budget_loss(gate, (0.3, 0.3), (1.0, 10.0))
    assert loss.item() == pytest.approx(0.2**2 + 10 * 0.05**2)


def test_shares_of_regions_are_the_published_counts_of_codes() -> None:
    """As the authors' code has it: codes above the fewest, over the most above the fewest."""
    grains = torch.randint(3, (5, 8, 8))
    gate = torch.nn.functional.one_hot(grains, 3).float()
    per_image = gate.sum(dim=(0, 1, 2)) / 5
    median = (per_image @ torch.tensor([1.0, 4, 1]) - 64) / (256 - 64)
    fine = (per_image @ torch.tensor([1.0, 1, 16]) - 64) / (1024 - 64)
    expected = (median - 0.3) ** 2 + 1.0 * (fine - 0.3) ** 2
    assert budget_loss(gate, (0.3, 0.3), (1.0, 1.0)).item() == pytest.approx(expected.item())


@pytest.mark.parametrize("gate", ["linear", "relu"])
def test_other_gates_look_at_features_that_may_be_raw(gate: Gate) -> None:
    router = FeatureRouter(2, 2, None, gate)
    assert len(list(router.parameters())) == (2 if gate == "linear" else 4)
    features = [torch.randn(1, 2, 1, 1), torch.randn(1, 2, 2, 2)]
    region = torch.cat([features[0].flatten(), features[1].mean(dim=(2, 3)).flatten()])
    layers = [layer for layer in router.gate if isinstance(layer, torch.nn.Linear)]
    for layer in layers[:-1]:
        region = (layer.weight @ region + layer.bias).clamp(min=0)
    expected = layers[-1].weight @ region + layers[-1].bias
    torch.testing.assert_close(router(features)[0, 0, 0], expected)
