"""Mirrors rqbench_priors/corruption.py, and how the raster prior uses it."""

import pytest
import torch

from rqbench.api import CodeLayout, PriorBatch
from rqbench_priors.corruption import corrupt
from rqbench_priors.raster import Raster, RasterConfig

STACKS, GRAINS = CodeLayout(4, 4, 2, 5), CodeLayout(4, 4, 1, 5, (2, 1))


def test_codes_are_kept_with_their_probability_and_else_drawn_from_all():
    codes = torch.full((100, 200), 3)
    counts = corrupt(codes, 0.6, 4).flatten().bincount(minlength=4) / 20000
    expected = torch.tensor([0.1, 0.1, 0.1, 0.7])  # a random code may be the right one
    torch.testing.assert_close(counts, expected, atol=0.015, rtol=0)


def test_what_is_past_an_images_end_stays_past_it():
    assert (corrupt(torch.full((50,), -1), 0.01, 4) == -1).all()


def test_what_comes_before_the_codes_is_never_replaced():
    symbols = torch.full((2, 50), 3)
    changed = corrupt(symbols, 0.01, 3, first=20)
    assert (changed[:, :20] == 3).all()
    assert (changed[:, 20:] != 3).any()


def prior(layout: CodeLayout, keep: float) -> Raster:
    config = RasterConfig(layers=1, width=16, heads=2, keep_probability=keep)
    return Raster(config, layout)


@pytest.mark.parametrize("layout", [STACKS, GRAINS])
def test_only_training_sees_wrong_codes_and_each_step_its_own(layout, lively, random_codes):
    corrupted = lively(prior(layout, 0.5))
    clean = prior(layout, 1.0).double().eval()
    clean.load_state_dict(corrupted.state_dict())
    batch = PriorBatch(random_codes(layout, 4))
    assert torch.equal(corrupted.log_prob(batch.codes), clean.log_prob(batch.codes))
    losses = []
    for seed in (1, 1, 2):
        torch.manual_seed(seed)
        losses.append(corrupted.train().loss(batch).item())
    assert losses[0] == losses[1] != losses[2]
    assert clean.train().loss(batch).item() not in losses


@pytest.mark.parametrize("layout", [STACKS, GRAINS])
def test_targets_stay_clean(layout, random_codes):
    """A prior that does not look at its inputs loses nothing where these are wrong."""
    blind = prior(layout, 0.01)
    codes = random_codes(layout, 4)
    for weight in blind.parameters():
        torch.nn.init.zeros_(weight)
    blind.warm_start(codes)
    assert blind.train().loss(PriorBatch(codes)).item() == blind.eval().loss(PriorBatch(codes))
