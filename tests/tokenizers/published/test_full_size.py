"""The published sizes themselves: random weights, one image of 256x256 pixels."""

import pytest
import torch
from torch import Tensor

from rqbench_tokenizers.importers.rqvae import RQVAEImporter
from rqbench_tokenizers.importers.vqgan import VQGANImporter

from . import rqvae_equations, rqvae_keys, vqgan_equations, vqgan_keys
from .conv_equations import images, latents
from .filled import filled, random_images, read


def assert_same(wanted: Tensor, ours: Tensor) -> None:
    """Sixty layers deep, float32 agrees to fewer digits than in the tiny ones."""
    torch.testing.assert_close(ours, wanted, atol=1e-4, rtol=1e-4)


@pytest.mark.slow
@torch.no_grad()
def test_rq_vae_of_8x8x4_codes_and_draws_as_the_equations_do() -> None:
    state = filled(rqvae_keys.rqvae_keys(rqvae_keys.F32, 256, 16384, 4))
    for depth in range(1, 4):
        for part in ("weight", "cluster_size_ema", "embed_ema"):
            key = f"quantizer.codebooks.{depth}.{part}"
            state[key] = state[f"quantizer.codebooks.0.{part}"]
    model, _ = read(RQVAEImporter(), state)
    picture = random_images(1, 256)
    found = latents(state, rqvae_keys.F32, 2 * picture - 1)
    codes, sums = rqvae_equations.quantize(found, rqvae_equations.tables(state, 4))
    ours = model.encode(picture)
    assert torch.equal(ours.values, codes)
    assert len(codes.unique()) > 100
    drawn = (images(state, rqvae_keys.F32, sums[-1]) + 1) / 2
    assert_same(drawn.clamp(0, 1), model.decode(ours))


@pytest.mark.slow
@torch.no_grad()
def test_vqgan_of_16x16_codes_and_draws_as_the_equations_do() -> None:
    state = filled(vqgan_keys.vqgan_keys(vqgan_keys.F16, 256, 16384))
    model, _ = read(VQGANImporter(), state)
    picture = random_images(1, 256)
    found = latents(state, vqgan_keys.F16, 2 * picture - 1)
    codes, vectors = vqgan_equations.quantize(state, found)
    ours = model.encode(picture)
    assert torch.equal(ours.values[..., 0], codes)
    drawn = (images(state, vqgan_keys.F16, vectors) + 1) / 2
    assert_same(drawn.clamp(0, 1), model.decode(ours))
