"""Mirrors rqbench_tokenizers/vq.py."""

import pytest
import torch

from rqbench_tokenizers.conv_config import ConvConfig
from rqbench_tokenizers.vq import VQ, VQConfig

IMAGES = torch.rand(3, 3, 16, 16, generator=torch.Generator().manual_seed(3))


def with_gradient(legacy: bool) -> VQ:
    config = VQConfig(
        conv=ConvConfig.tiny(), codebook_size=8, codebook="gradient", legacy_commitment=legacy
    )
    return VQ(config)


def test_layout_is_one_code_a_position() -> None:
    layout = VQ.tiny().layout(32)
    assert (layout.height, layout.width, layout.depth, layout.codebook_size) == (8, 8, 1, 8)


def test_the_first_training_pass_takes_its_codebook_from_the_images() -> None:
    tokenizer = VQ.tiny()
    latents = tokenizer.halves.encode(IMAGES)
    codes = tokenizer(IMAGES).codes
    assert len(codes.values.unique()) == 8
    error = (latents - tokenizer.codebook()[0][codes.values[..., 0]]).square().mean()
    assert error < 0.5 * latents.var(dim=(0, 1, 2)).mean()


def test_commitment_is_beta_times_the_mean_squared_error() -> None:
    tokenizer = VQ.tiny().eval()
    output = tokenizer(IMAGES)
    vectors = tokenizer.codebook()[0][output.codes.values[..., 0]]
    expected = 0.25 * (tokenizer.halves.encode(IMAGES) - vectors).square().mean()
    assert output.losses["commitment"].item() == pytest.approx(expected.item())
    assert set(output.losses) == {"commitment"}


@pytest.mark.parametrize(("legacy", "share"), [(False, 0.25), (True, 4.0)])
def test_beta_weighs_the_commitment_or_as_published_the_codebook(
    legacy: bool, share: float
) -> None:
    losses = with_gradient(legacy)(IMAGES).losses
    assert (losses["commitment"] / losses["codebook"]).item() == pytest.approx(share)
    assert sum(losses.values()).item() == pytest.approx(
        1.25 * losses["codebook"].item() / (0.25 if legacy else 1.0)
    )


def test_the_codebook_loss_moves_vectors_and_the_commitment_moves_the_encoder() -> None:
    tokenizer = with_gradient(legacy=False)
    losses = tokenizer(IMAGES).losses
    losses["codebook"].backward()
    assert tokenizer.table.vectors.grad is not None
    assert tokenizer.halves.encoder.quant_conv.weight.grad is None
    tokenizer.zero_grad()
    tokenizer(IMAGES).losses["commitment"].backward()
    assert tokenizer.table.vectors.grad is None
    assert tokenizer.halves.encoder.quant_conv.weight.grad is not None


def test_soft_codes_are_a_distribution_over_the_codebook() -> None:
    tokenizer = VQ.tiny().eval()
    probabilities, codes = tokenizer.soft_codes(IMAGES, 1.0, torch.Generator().manual_seed(0))
    assert probabilities.shape == (3, 4, 4, 1, 8)
    assert torch.allclose(probabilities.sum(-1), torch.ones(3, 4, 4, 1))
    assert codes.layout == tokenizer.layout(16)
