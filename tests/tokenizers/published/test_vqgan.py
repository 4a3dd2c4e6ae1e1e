"""Published VQGAN tokenizers and ours that were read from them."""

from typing import Any

import pytest
import torch

from rqbench.api import CheckpointError, Codes
from rqbench_tokenizers.importers.vqgan import VQGANImporter
from rqbench_tokenizers.vq import VQ

from .conv_equations import images, latents
from .filled import assert_exported, filled, random_images, read
from .vqgan_equations import gumbel_quantize, losses, quantize
from .vqgan_keys import DD, F16, gumbel_keys, vqgan_config, vqgan_keys

WITHOUT_CONV = {**DD, "resamp_with_conv": False, "attn_resolutions": [], "ch_mult": [1, 1, 2]}
ONE_BLOCK = {**DD, "num_res_blocks": 1, "attn_resolutions": [16], "z_channels": 24}
VARIANTS = [DD, WITHOUT_CONV, ONE_BLOCK]


def test_the_published_f16_has_its_published_number_of_keys() -> None:
    assert len(vqgan_keys(F16, 256, 1024)) == 343


@pytest.mark.parametrize("dd", VARIANTS, ids=["plain", "without-conv", "one-block"])
@pytest.mark.parametrize("with_config", [True, False])
def test_codes_and_pictures_are_those_of_the_equations(
    dd: dict[str, Any], with_config: bool
) -> None:
    state = filled(vqgan_keys(dd, 24, 50))
    model, keys = read(VQGANImporter(), state, vqgan_config(dd, 24, 50) if with_config else None)
    assert_exported(model, keys, state)
    assert isinstance(model, VQ)
    pictures = random_images(3, 16)
    wanted = latents(state, dd, 2 * pictures - 1)
    torch.testing.assert_close(model.halves.encode(pictures), wanted, atol=1e-5, rtol=1e-5)
    codes, vectors = quantize(state, wanted)
    assert torch.equal(model.encode(pictures).values[..., 0], codes)
    assert len(codes.unique()) > 5
    decoded = (images(state, dd, vectors) + 1) / 2
    output = model(pictures)
    torch.testing.assert_close(output.reconstructions, decoded, atol=1e-5, rtol=1e-5)
    clamped = model.decode(model.encode(pictures))
    torch.testing.assert_close(clamped, decoded.clamp(0, 1), atol=1e-5, rtol=1e-5)
    assert (decoded != decoded.clamp(0, 1)).any()
    to_encoder, to_codebook = losses(wanted, vectors)
    torch.testing.assert_close(output.losses["commitment"], to_encoder)
    torch.testing.assert_close(output.losses["codebook"], to_codebook)


def test_the_classifier_of_the_gumbel_variant_chooses_as_in_the_equations() -> None:
    dd = {**DD, "z_channels": 24}
    state = filled(gumbel_keys(dd, 24, 50))
    config = vqgan_config(dd, 24, 50)
    config["model"]["params"]["kl_weight"] = 0.5
    model, keys = read(VQGANImporter(), state, config)
    assert_exported(model, keys, state)
    pictures = random_images(3, 16)
    codes, vectors, divergence = gumbel_quantize(state, latents(state, dd, 2 * pictures - 1))
    assert len(codes.unique()) > 5
    assert torch.equal(model.encode(pictures).values[..., 0], codes)
    output = model(pictures)
    assert torch.equal(output.codes.values[..., 0], codes)
    decoded = (images(state, dd, vectors) + 1) / 2
    torch.testing.assert_close(output.reconstructions, decoded, atol=1e-5, rtol=1e-5)
    torch.testing.assert_close(output.losses["kl"], 0.5 * divergence)
    assert torch.equal(model.decode(Codes(codes[..., None], model.layout(16))), model.decode(
        model.encode(pictures)))  # fmt: skip


@pytest.mark.parametrize(
    "dropped", ["loss.perceptual_loss.lin0.model.1.weight", "colorize", "quantize.used"]
)
def test_below_a_priors_prefix_it_is_the_same_and_what_has_no_use_is_left_out(dropped: str) -> None:
    state = filled(vqgan_keys(DD, 24, 50))
    alone, _ = read(VQGANImporter(), {**state, dropped: torch.ones(3)})
    inside = {f"first_stage_model.{key}": value for key, value in state.items()}
    below, _ = read(VQGANImporter(), {**inside, "transformer.tok_emb.weight": torch.ones(2, 2)})
    pictures = random_images(1, 16)
    assert torch.equal(alone.encode(pictures).values, below.encode(pictures).values)


def test_it_goes_on_to_learn_as_published() -> None:
    state = filled(vqgan_keys(DD, 24, 50))
    model, _ = read(VQGANImporter(), state, vqgan_config({**DD, "dropout": 0.1}, 24, 50))
    config = model.config
    assert (config.codebook, config.legacy_commitment) == ("gradient", True)
    assert (config.conv.dropout, config.conv.exact_groups) == (0.1, True)


@pytest.mark.parametrize(
    ("convolution", "shape", "reason"),
    [
        ("encoder.conv_in", (32, 1, 3, 3), "in_channels=1"),
        ("decoder.conv_out", (4, 32, 3, 3), "out_ch=4"),
        ("encoder.conv_out", (32, 64, 3, 3), "double_z"),
    ],
)
def test_a_variant_that_has_no_codes_of_colour_pictures_is_refused_by_name(
    convolution: str, shape: tuple[int, ...], reason: str
) -> None:
    state = filled(vqgan_keys(DD, 24, 50))
    state[f"{convolution}.weight"] = torch.ones(shape)
    state[f"{convolution}.bias"] = torch.ones(shape[0])
    with pytest.raises(CheckpointError, match=reason):
        read(VQGANImporter(), state)
