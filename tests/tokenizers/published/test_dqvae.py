"""Published DQ-VAE tokenizers and ours that were read from them."""

from typing import Any

import pytest
import torch
from torch import Tensor
from torch.nn import functional as F

from rqbench.api import CheckpointError
from rqbench_tokenizers.dq import DQ
from rqbench_tokenizers.dq_config import DQConfig
from rqbench_tokenizers.importers.dqvae import DQVAEImporter

from . import dqvae_equations as published
from .conv_equations import nearest, swish
from .dqvae_keys import (
    DECODER,
    ENCODER,
    LOSS,
    PUBLISHED_DECODER,
    PUBLISHED_ENCODER,
    Kind,
    dqvae_config,
    dqvae_keys,
    grains_of,
)
from .filled import assert_exported, filled, random_images, read
from .moving_average_equations import Table

Z, WIDTH, SIZE, SIDE = 16, 24, 60, 16
NORMED = {"normalization_type": "group-8", "gate_type": "2layer-fc-SiLu"}
BY_ENTROPY = {"json_path": "a/entropy_thresholds_imagenet_train_patch-16.json"}


def state_of(kind: Kind, **changes: Any) -> dict[str, Tensor]:
    state = filled(dqvae_keys(kind, ENCODER[kind], DECODER, Z, WIDTH, SIZE, **changes))
    name = "quantize.codebook"
    state[f"{name}.cluster_size_ema"][:9] = 0.5  # idle codes, unless they are chosen
    counts = state[f"{name}.cluster_size_ema"]
    state[f"{name}.embed_ema"] = counts[:, None] * state[f"{name}.weight"][:-1]
    return state


def config_of(kind: Kind, router: dict[str, Any]) -> dict[str, Any]:
    return dqvae_config(kind, ENCODER[kind], DECODER, WIDTH, SIZE, router)


def dq(kind: Kind, router: dict[str, Any], **changes: Any) -> tuple[DQ, dict[str, Tensor]]:
    state = state_of(kind, **changes)
    model, keys = read(DQVAEImporter(), {**state, **filled(LOSS)}, config_of(kind, router))
    assert_exported(model, keys, state)
    assert isinstance(model, DQ)
    return model, state


def assert_decoded(model: DQ, state: dict[str, Tensor], pictures: Tensor, kind: Kind,
                   found: list[Tensor], grain_map: Tensor) -> None:  # fmt: skip
    latents = published.merged(state, found, grain_map, None)
    codes = nearest(latents, state["quantize.codebook.weight"][:-1])
    ours = model.encode(pictures)
    assert torch.equal(ours.values[..., 0], codes)
    assert len(codes.unique()) > 5
    quantized = state["quantize.codebook.weight"][codes]
    decoded = (published.images(state, DECODER, quantized) + 1) / 2
    output = model(pictures)
    torch.testing.assert_close(output.reconstructions, decoded, atol=1e-5, rtol=1e-5)
    torch.testing.assert_close(model.decode(ours), decoded.clamp(0, 1), atol=1e-5, rtol=1e-5)
    weights = published.mask(grain_map, len(grains_of(kind)), SIDE)
    commitment, value = published.losses(latents, quantized, weights)
    torch.testing.assert_close(output.losses["commitment"], commitment)
    torch.testing.assert_close(output.losses["codebook"], value)


@pytest.mark.parametrize(
    ("kind", "number"), [("dual", 401), ("entropy", 393), ("triple", 471)]
)  # fmt: skip
def test_the_published_ones_have_their_published_numbers_of_keys(kind: Kind, number: int) -> None:
    keys = dqvae_keys(kind, PUBLISHED_ENCODER[kind], PUBLISHED_DECODER, 256, 256, 1024)
    assert len(keys) == number - 22  # discriminator: 5 convolutions, 2 with bias; 3 BatchNorms of 5


@pytest.mark.parametrize(
    ("kind", "gate_type", "groups"),
    [
        ("dual", "2layer-fc-SiLu", 8),
        ("dual", "1layer-fc", 0),
        ("triple", "2layer-fc-SiLu", 8),
        ("triple", "2layer-fc-ReLu", 4),
    ],
)
def test_with_a_learned_router_codes_grains_and_pictures_are_those_of_the_equations(
    kind: Kind, gate_type: str, groups: int
) -> None:
    norm = f"group-{groups}" if groups else "none"
    router = {"normalization_type": norm, "gate_type": gate_type}
    state = state_of(kind, gate_type=gate_type, is_normalised=bool(groups))
    pictures, grains = random_images(3, 32), grains_of(kind)
    found = published.features(state, ENCODER[kind], 2 * pictures - 1, grains)
    activation = torch.relu if gate_type.endswith("ReLu") else swish
    logits = published.gate_logits(state, found, grains, groups, activation)
    last = "encoder.router.gate" if gate_type == "1layer-fc" else "encoder.router.gate.2"
    mean = logits.mean(dim=(0, 1, 2))
    state[f"{last}.bias"] -= mean  # so that every grain is chosen somewhere
    logits = logits - mean
    model, keys = read(DQVAEImporter(), {**state, **filled(LOSS)}, config_of(kind, router))
    assert_exported(model, keys, state)
    assert isinstance(model, DQ)
    assert model.router is not None
    ours = model.router(model._features(pictures))
    torch.testing.assert_close(ours, logits, atol=1e-5, rtol=1e-5)
    grain_map = logits.argmax(dim=-1)
    assert len(grain_map.unique()) == len(grains)
    assert torch.equal(model.encode(pictures).grain_map, grain_map)
    assert_decoded(model, state, pictures, kind, found, grain_map)


@pytest.mark.parametrize(("bins", "lowest"), [("signed", -1.0), ("unit", 0.0)])
def test_by_entropy_codes_grains_and_pictures_are_those_of_the_equations(
    bins: str, lowest: float
) -> None:
    model, state = dq("entropy", {**BY_ENTROPY, "fine_grain_ratito": 0.5})
    assert model.thresholds.item() == pytest.approx(1.67777503)
    changed = DQ(DQConfig(**{**model.config.model_dump(), "entropy_bins": bins})).eval()
    changed.load_state_dict(model.state_dict())
    pictures = random_images(6, 32)
    if bins == "unit":  # darker than gray level 0 most kernels are subnormal: the flat patch below
        pictures = pictures / 2 + 0.5
    pictures[0, :, :12] = 0.5  # flat
    pictures[1, :, :12] = 0.0  # meets no bin on [0, 1]
    entropies = published.entropy(2 * pictures - 1, 4, lowest)
    torch.testing.assert_close(changed._entropies(pictures), entropies, atol=2e-5, rtol=1e-4)
    grain_map = (entropies > 1.67777503).long()
    assert 0.1 < grain_map.float().mean() < 0.9
    assert torch.equal(changed.encode(pictures).grain_map, grain_map)
    found = published.features(state, ENCODER["entropy"], 2 * pictures - 1, ("coarse", "fine"))
    assert_decoded(changed, state, pictures, "entropy", found, grain_map)


def test_the_entropy_of_flat_patches_is_the_one_worked_by_hand() -> None:
    flat = torch.zeros(1, 3, 16, 16)  # gray level 0, midway between two bins of equal mass
    assert published.entropy(flat, 16, -1.0).item() == pytest.approx(
        published.FLAT_ENTROPY, abs=1e-4
    )


@pytest.mark.parametrize("kind", ["dual", "entropy", "triple"])
@pytest.mark.parametrize("number", [1, 3])
def test_training_moves_codebook_and_draws_grains_as_the_equations_do(
    kind: Kind, number: int
) -> None:
    router = {**BY_ENTROPY, "fine_grain_ratito": 0.5} if kind == "entropy" else NORMED
    model, state = dq(kind, router)
    pictures, grains = random_images(number, 32), grains_of(kind)
    x = 2 * pictures - 1
    name = "quantize.codebook"
    averages = state[f"{name}.cluster_size_ema"], state[f"{name}.embed_ema"]
    table = Table(state[f"{name}.weight"][:-1], *averages)
    found = published.features(state, ENCODER[kind], x, grains)
    torch.manual_seed(6)
    if kind == "entropy":
        gate, grain_map = None, (published.entropy(x, 4, -1.0) > 1.67777503).long()
    else:
        gate = F.gumbel_softmax(published.gate_logits(state, found, grains, 8), hard=True)
        grain_map = gate.argmax(dim=-1)
    latents = published.merged(state, found, grain_map, gate)
    codes = nearest(latents, table.vectors)
    quantized = table.vectors[codes]
    table.update(latents.flatten(0, 2), codes.flatten())
    torch.manual_seed(6)
    output = model.train()(pictures)
    model.after_step()
    assert torch.equal(output.codes.grain_map, grain_map)
    assert torch.equal(output.codes.values[..., 0], codes)
    torch.testing.assert_close(model.table.counts, table.counts)
    torch.testing.assert_close(model.table.vectors, table.vectors, atol=1e-5, rtol=1e-4)
    weights = published.mask(grain_map, len(grains), SIDE)
    commitment, _ = published.losses(latents, quantized, weights)
    torch.testing.assert_close(output.losses["commitment"], commitment)
    if gate is not None:
        shares = gate.mean(dim=(0, 1, 2))[1:]
        wanted = {"dual": ((0.3,), (20.0,)), "triple": ((0.4, 0.2), (1.0, 10.0))}[kind]
        over = shares - torch.tensor(wanted[0])
        torch.testing.assert_close(
            output.losses["budget"], (torch.tensor(wanted[1]) * over.square()).sum()
        )


@pytest.mark.parametrize("kind", ["dual", "triple"])
def test_the_router_learns_from_the_latents_that_its_choice_multiplies(kind: Kind) -> None:
    """Not from the bias of the convolution behind them, which no choice changes."""
    model, state = dq(kind, NORMED)
    assert model.router is not None
    pictures, grains = random_images(2, 32), grains_of(kind)
    bias, name = model.router.gate[2].bias, "encoder.router.gate.2.bias"
    state[name] = state[name].clone().requires_grad_()
    found = published.features(state, ENCODER[kind], 2 * pictures - 1, grains)
    torch.manual_seed(6)
    gate = F.gumbel_softmax(published.gate_logits(state, found, grains, 8), hard=True)
    latents = published.merged(state, found, gate.argmax(dim=-1), gate)
    vectors = state["quantize.codebook.weight"][:-1]
    weights = published.mask(gate.argmax(dim=-1), len(grains), SIDE)
    losses = published.losses(latents, vectors[nearest(latents, vectors)], weights)
    (wanted,) = torch.autograd.grad(losses[0], state[name])
    torch.manual_seed(6)
    output = model.train()(pictures)
    (got,) = torch.autograd.grad(output.losses["commitment"], bias)
    assert wanted.norm() > 0
    torch.testing.assert_close(got, wanted, atol=1e-6, rtol=1e-3)


def test_a_decoder_of_other_widths_than_the_encoder_is_read_too() -> None:
    own = {**DECODER, "ch": 64, "num_res_blocks": 2, "attn_resolutions": []}
    state = filled(dqvae_keys("dual", ENCODER["dual"], own, Z, WIDTH, SIZE))
    config = dqvae_config("dual", ENCODER["dual"], own, WIDTH, SIZE, NORMED)
    model, keys = read(DQVAEImporter(), state, config)
    assert_exported(model, keys, state)
    quantized = state["quantize.codebook.weight"][torch.randint(SIZE, (1, SIDE, SIDE))]
    wanted = (published.images(state, own, quantized) + 1) / 2
    torch.testing.assert_close(model.decoder(quantized), wanted, atol=1e-5, rtol=1e-5)


def test_a_finest_level_wider_than_the_base_is_read_in_both_halves() -> None:
    encoder = {**ENCODER["dual"], "ch_mult": [2, 3, 6], "attn_resolutions": []}
    own = {**DECODER, "ch_mult": [2, 3], "attn_resolutions": [], "in_channels": Z}
    state = filled(dqvae_keys("dual", encoder, own, Z, WIDTH, SIZE))
    config = dqvae_config("dual", encoder, own, WIDTH, SIZE, NORMED)
    model, keys = read(DQVAEImporter(), state, config)
    assert_exported(model, keys, state)
    assert isinstance(model, DQ)
    assert model.config.decoder is None  # its levels are the encoder's
    assert model.config.conv.widths == (64, 96, 192)
    contradicting = dqvae_config("dual", encoder, {**own, "ch_mult": [2, 2]}, WIDTH, SIZE, NORMED)
    with pytest.raises(CheckpointError, match=r"decoderconfig.*ch_mult: \[2, 2\].*\[2, 3\]"):
        read(DQVAEImporter(), state, contradicting)


def test_thresholds_come_from_the_table_that_the_config_names() -> None:
    router = {"json_path": "t/entropy_thresholds_ffhq_train_patch-16.json"}
    model, _ = dq("entropy", {**router, "fine_grain_ratito": 0.3})
    assert model.thresholds.item() == pytest.approx(2.19088888)
    assert [p.settings["threshold"] for p in model.operating_points()] == pytest.approx(
        [2.72343659, 2.19088888, 1.54593241, 0.00155545224, 0.0], abs=1e-6
    )


def test_positions_that_were_never_added_are_left_out() -> None:
    state = state_of("dual")
    for table in ("row_embed", "col_embed"):
        value = state.pop(f"decoder.position_bias_learned.{table}.weight")
        state[f"decoder.position_bias.{table}.weight"] = value
    for part in ("weight", "bias"):
        state.pop(f"decoder.position_bias_fourier.lff.ffm.conv.{part}")
    model, _ = read(DQVAEImporter(), state, config_of("dual", NORMED))
    assert model.config.positions == "none"


def test_an_unknown_gate_and_a_router_of_another_kind_are_refused_by_name() -> None:
    with pytest.raises(CheckpointError, match="gate_type: 3layer"):
        read(DQVAEImporter(), state_of("dual"), config_of("dual", {"gate_type": "3layer"}))
    with pytest.raises(CheckpointError, match=r"router_config\.target: .*FeatureRouter"):
        read(DQVAEImporter(), state_of("entropy"), config_of("dual", NORMED))
