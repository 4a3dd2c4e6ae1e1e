"""Mirrors rqbench_priors/soft_targets.py, and how the priors use it."""

import math

import pytest
import torch
import torch.nn.functional as F

from rqbench.api import CodeLayout, PriorBatch, UnsupportedError
from rqbench_priors.raster import Raster
from rqbench_priors.soft_targets import soft_cross_entropy


def test_the_loss_is_the_mean_cross_entropy_worked_by_hand():
    logits = torch.tensor([[0.5, 0.5], [0.9, 0.1]]).log()
    targets = torch.tensor([[0.3, 0.7], [1.0, 0.0]])
    expected = (math.log(2) - math.log(0.9)) / 2
    assert soft_cross_entropy(logits, targets).item() == pytest.approx(expected)


def test_a_small_number_in_the_logarithm_bounds_the_loss_of_what_was_ruled_out():
    logits = torch.tensor([[0.0, -1000.0]])
    targets = torch.tensor([[0.0, 1.0]])
    assert soft_cross_entropy(logits, targets, 1e-7).item() == pytest.approx(-math.log(1e-7))
    even = soft_cross_entropy(torch.zeros(1, 2), targets, 0.1).item()
    assert even == pytest.approx(-math.log(0.6))


def test_half_precision_logits_are_judged_in_single_precision():
    targets = torch.tensor([[0.25, 0.75]])
    assert soft_cross_entropy(torch.zeros(1, 2).bfloat16(), targets).item() == pytest.approx(
        math.log(2), rel=1e-6
    )


def test_certain_targets_give_the_loss_of_hard_codes_and_mixtures_that_of_their_parts(
    prior_class, layout, lively, random_codes
):
    prior = lively(prior_class.tiny(layout))
    codes = random_codes(layout, 4)
    certain = F.one_hot(codes.values, layout.codebook_size).double()
    batch = PriorBatch(codes, None, certain)
    if not prior.takes_soft_targets(layout):
        with pytest.raises(UnsupportedError, match="does not train on soft targets"):
            prior.loss(batch)
        return
    hard = prior.loss(PriorBatch(codes))
    torch.testing.assert_close(prior.loss(batch), hard)
    other = torch.rand_like(certain).softmax(dim=-1)
    of_other = prior.loss(PriorBatch(codes, None, other))
    assert abs(of_other - hard) > 1e-3
    mixed = prior.loss(PriorBatch(codes, None, 0.25 * certain + 0.75 * other))
    torch.testing.assert_close(mixed, 0.25 * hard + 0.75 * of_other)


def test_each_place_and_depth_is_held_against_its_own_target(
    prior_class, layout, lively, random_codes
):
    if not prior_class.takes_soft_targets(layout):
        return
    prior = lively(prior_class.tiny(layout))
    codes = random_codes(layout, 3)
    other = (codes.values + 1) % layout.codebook_size
    last = codes.values.clone()
    last[:, -1, -1, -1] = other[:, -1, -1, -1]  # the last symbol: no input, a target alone
    hard = prior.loss(PriorBatch(type(codes)(last, layout)))
    targets = F.one_hot(last, layout.codebook_size).double()
    torch.testing.assert_close(prior.loss(PriorBatch(codes, None, targets)), hard)


def test_raster_takes_soft_targets_on_fixed_grids_only():
    assert Raster.takes_soft_targets(CodeLayout(2, 2, 3, 5))
    assert not Raster.takes_soft_targets(CodeLayout(2, 2, 1, 5, (2, 1)))
