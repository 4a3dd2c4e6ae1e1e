"""Mirrors rqbench_tokenizers/gumbel.py, and its use in rqbench_tokenizers/vq.py."""

import math

import pytest
import torch

from rqbench_tokenizers.conv_config import ConvConfig
from rqbench_tokenizers.gumbel import GumbelCodebook
from rqbench_tokenizers.vq import VQ, VQConfig

IMAGES = torch.rand(2, 3, 16, 16, generator=torch.Generator().manual_seed(3))


def book() -> GumbelCodebook:
    """Its logits are a latent's own values, of three codes."""
    codebook = GumbelCodebook(3, 3)
    torch.nn.init.eye_(codebook.proj.weight)
    torch.nn.init.zeros_(codebook.proj.bias)
    return codebook


def vq(**changes: float) -> VQ:
    config = VQConfig(conv=ConvConfig.tiny(), codebook_size=8, codebook="gumbel", **changes)
    return VQ(config)


def test_its_vectors_start_normal() -> None:
    vectors = GumbelCodebook(100, 20).vectors
    assert (vectors.mean().item(), vectors.std().item()) == pytest.approx((0, 1), abs=0.1)


def test_in_eval_mode_the_likeliest_code_is_taken_and_its_vector_exactly() -> None:
    codebook = book().eval()
    codes, vectors, _ = codebook(torch.tensor([[[[0.0, 2.0, 1.0], [3.0, 0.0, 0.0]]]]), 1.0)
    assert codes.flatten().tolist() == [1, 0]
    assert torch.equal(vectors[0, 0], codebook.vectors[[1, 0]])


def test_in_training_codes_come_at_the_frequencies_of_the_softmax() -> None:
    logits = torch.tensor([0.0, 1.0, 2.0])
    codes, _, _ = book()(logits.expand(1, 100, 100, 3), 1.0)
    shares = codes.flatten().bincount(minlength=3) / 10_000
    assert shares.tolist() == pytest.approx(logits.softmax(0).tolist(), abs=0.02)


def test_the_divergence_is_zero_for_equal_logits_and_log_k_for_certain_ones() -> None:
    for latent, wanted in ((0.0, 0.0), (100.0, math.log(3))):
        _, _, divergence = book()(torch.tensor([[[[latent, 0.0, 0.0]]]]), 1.0)
        assert divergence.item() == pytest.approx(wanted, abs=1e-6)


def test_the_pictures_move_every_weight_of_the_classifier() -> None:
    model = vq()
    output = model(IMAGES)
    output.reconstructions.square().sum().backward()
    assert isinstance(model.table, GumbelCodebook)
    assert model.table.proj.weight.grad is not None
    assert (model.table.proj.weight.grad.abs().amax(dim=1) > 0).all()
    assert set(output.losses) == {"kl"}


def test_soft_codes_are_the_classifiers_own_and_the_likeliest_without_draws() -> None:
    model = vq().eval()
    probabilities, codes = model.soft_codes(IMAGES, 2.0)
    assert isinstance(model.table, GumbelCodebook)
    logits = model.table.logits(model.halves.encode(IMAGES))
    torch.testing.assert_close(probabilities[..., 0, :], (logits / 2).softmax(-1))
    assert torch.equal(codes.values, model.encode(IMAGES).values)
    drawn = [model.soft_codes(IMAGES, 50.0, torch.Generator().manual_seed(s))[1] for s in (0, 1)]
    assert not torch.equal(drawn[0].values, drawn[1].values)


def test_it_keeps_the_classifier_in_full_precision_under_autocast() -> None:
    model = vq().eval()
    assert isinstance(model.table, GumbelCodebook)
    with torch.autocast("cpu", dtype=torch.bfloat16):
        assert model.table.logits(torch.randn(1, 2, 2, 8)).dtype == torch.float32
