"""Mirrors rqbench/metrics/taps.py."""

import pytest
import torch
from torch import nn

from rqbench.errors import UnsupportedError
from rqbench.metrics.taps import TapDistance, tap_distance


def test_the_distance_compares_directions_and_weighs_channels():
    tap = torch.tensor([3.0, 0.0]).view(1, 2, 1, 1)  # unit vector (1, 0)
    other = torch.tensor([0.0, 5.0]).view(1, 2, 1, 1)  # unit vector (0, 1)
    assert tap_distance(tap, other, torch.tensor([0.25, 2.0])).item() == pytest.approx(2.25)


def test_a_dark_place_has_a_finite_gradient():
    tap = torch.zeros(1, 2, 1, 1, requires_grad=True)
    tap_distance(tap, torch.ones(1, 2, 1, 1), torch.ones(2)).sum().backward()
    assert torch.isfinite(tap.grad).all()


class OneTap(nn.Module):
    def forward(self, images):
        return [images]


def test_gradients_reach_the_reconstructions_alone():
    distance = TapDistance(OneTap(), [torch.ones(1, 3, 1, 1)], min_side=1)
    images = torch.rand(2, 3, 4, 4, requires_grad=True)
    reconstructions = torch.rand(2, 3, 4, 4, requires_grad=True)
    distance(images, reconstructions).sum().backward()
    assert images.grad is None
    assert reconstructions.grad.abs().sum() > 0


def test_it_stays_in_eval_mode_inside_a_model_that_trains():
    distance = TapDistance(nn.Sequential(nn.Dropout()), [], min_side=1)
    assert not any(module.training for module in nn.ModuleList([distance]).train()[0].modules())


def test_images_too_small_for_the_trunk_are_refused_by_size():
    distance = TapDistance(OneTap(), [torch.ones(3)], min_side=24)
    with pytest.raises(UnsupportedError, match="at least 24 pixels"):
        distance(torch.rand(1, 3, 23, 40), torch.rand(1, 3, 23, 40))
