"""Published RQ-VAE tokenizers and ours that were read from them."""

from typing import Any

import pytest
import torch
from torch import Tensor

from rqbench.api import CheckpointError, CodeLayout, Codes
from rqbench_tokenizers.importers.rqvae import RQVAEImporter
from rqbench_tokenizers.rq import RQ

from .conv_equations import images, latents
from .filled import assert_exported, filled, random_images, read
from .rqvae_equations import commitment, quantize, soft_codes, tables
from .rqvae_keys import DD, F32, rqvae_config, rqvae_keys

WIDTH, SIZE = 24, 40


def state_of(dd: dict[str, Any], depth: int, shared: bool) -> dict[str, Tensor]:
    state = filled(rqvae_keys(dd, WIDTH, SIZE, depth))
    for index in range(depth):
        name = f"quantizer.codebooks.{index}"
        first = "quantizer.codebooks.0" if shared else name
        for part in ("weight", "cluster_size_ema", "embed_ema"):
            state[f"{name}.{part}"] = state[f"{first}.{part}"].clone()
        state[f"{name}.cluster_size_ema"][:9] = 0.5  # idle codes, unless they are chosen
        counts, vectors = state[f"{name}.cluster_size_ema"], state[f"{name}.weight"][:-1]
        state[f"{name}.embed_ema"] = counts[:, None] * vectors
    return state


def rq(depth: int, shared: bool, with_config: bool = True) -> tuple[RQ, dict[str, Tensor]]:
    state = state_of(DD, depth, shared)
    config = rqvae_config(DD, WIDTH, SIZE, depth, shared) if with_config else None
    model, keys = read(RQVAEImporter(), state, config)
    assert_exported(model, keys, state)
    assert isinstance(model, RQ)
    return model, state


def test_the_published_f32_has_its_published_number_of_keys() -> None:
    assert len(rqvae_keys(F32, 256, 16384, 4)) == 398


@pytest.mark.parametrize("depth", [1, 4])
@pytest.mark.parametrize("shared", [True, False])
@pytest.mark.parametrize("with_config", [True, False])
def test_codes_and_pictures_are_those_of_the_equations(
    depth: int, shared: bool, with_config: bool
) -> None:
    model, state = rq(depth, shared, with_config)
    assert len(model.tables) == (1 if shared or (depth == 1 and not with_config) else depth)
    pictures = random_images(3, 16)
    wanted = latents(state, DD, 2 * pictures - 1)
    codes, sums = quantize(wanted, tables(state, depth))
    assert torch.equal(model.encode(pictures).values, codes)
    assert len(codes.unique()) > 5
    output = model(pictures)
    decoded = (images(state, DD, sums[-1]) + 1) / 2
    torch.testing.assert_close(output.reconstructions, decoded, atol=1e-5, rtol=1e-5)
    clamped = model.decode(output.codes)
    torch.testing.assert_close(clamped, decoded.clamp(0, 1), atol=1e-5, rtol=1e-5)
    torch.testing.assert_close(output.losses["commitment"], 0.25 * commitment(wanted, sums))


def test_soft_codes_are_those_of_the_equations() -> None:
    model, state = rq(4, shared=True)
    pictures = random_images(2, 16)
    probabilities, codes = model.soft_codes(pictures, 0.5)
    wanted = soft_codes(latents(state, DD, 2 * pictures - 1), tables(state, 4), 0.5)
    torch.testing.assert_close(probabilities, wanted, atol=1e-5, rtol=1e-4)
    assert torch.equal(codes.values, wanted.argmax(dim=-1))


def test_the_first_codes_add_up_and_one_alone_can_be_selected() -> None:
    model, state = rq(4, shared=True)
    codes, sums = quantize(latents(state, DD, 2 * random_images(2, 16) - 1), tables(state, 4))
    added = Codes(codes[..., :2], CodeLayout(4, 4, 2, SIZE))
    third = Codes(codes[..., 2:3], CodeLayout(4, 4, 1, SIZE))
    for given, vectors in ((added, sums[1]), (third, sums[2] - sums[1])):
        wanted = ((images(state, DD, vectors) + 1) / 2).clamp(0, 1)
        torch.testing.assert_close(model.decode(given), wanted, atol=1e-5, rtol=1e-5)


@pytest.mark.parametrize("shared", [True, False])
@pytest.mark.parametrize("number", [1, 4])  # fewer latents than codes, and more
def test_training_moves_the_codebooks_as_the_equations_do(shared: bool, number: int) -> None:
    model, state = rq(3, shared)
    pictures = random_images(number, 16)
    books = tables(state, 3)
    books = [books[0]] * 3 if shared else books
    torch.manual_seed(4)
    codes, sums = quantize(latents(state, DD, 2 * pictures - 1), books, learn=True)
    torch.manual_seed(4)
    output = model.train()(pictures)
    model.after_step()
    assert torch.equal(output.codes.values, codes)
    moved = (books[0].vectors - state["quantizer.codebooks.0.weight"][:-1]).norm(dim=1)
    assert moved.max() > 2  # some codes started anew
    assert moved.min() < 0.5  # and others did not
    for index in range(len(model.tables)):
        table = model._table(index)
        torch.testing.assert_close(table.counts, books[index].counts)
        torch.testing.assert_close(table.sums, books[index].sums, atol=1e-5, rtol=1e-5)
        torch.testing.assert_close(table.vectors, books[index].vectors, atol=1e-5, rtol=1e-4)
    wanted = latents(state, DD, 2 * pictures - 1)
    torch.testing.assert_close(output.losses["commitment"], 0.25 * commitment(wanted, sums))


def test_the_padding_row_is_kept_and_never_chosen() -> None:
    state = state_of(DD, 2, shared=True)
    for index in range(2):
        state[f"quantizer.codebooks.{index}.weight"][-1] = 0.0
    state["quant_conv.weight"].zero_()
    state["quant_conv.bias"].zero_()  # now all latents are zero, as the padding row is
    model, _ = read(RQVAEImporter(), state)
    assert isinstance(model, RQ)
    assert model.encode(random_images(1, 16)).values.max() < SIZE
    assert model.padding_rows() == 1
    assert model.state_dict()["tables.0.padding"].abs().sum() == 0


@pytest.mark.parametrize("part", ["weight", "cluster_size_ema", "embed_ema"])
def test_copies_of_a_shared_codebook_that_differ_are_refused_by_name(part: str) -> None:
    state = state_of(DD, 3, shared=True)
    state[f"quantizer.codebooks.2.{part}"][3] += 1
    with pytest.raises(CheckpointError, match=rf"codebooks\.2\.{part} should hold the same"):
        read(RQVAEImporter(), state, rqvae_config(DD, WIDTH, SIZE, 3))


def test_one_code_for_a_block_of_latents_is_refused_by_name() -> None:
    state, config = state_of(DD, 2, shared=True), rqvae_config(DD, WIDTH, SIZE, 2)
    config["arch"]["hparams"]["latent_shape"] = [8, 8, WIDTH]
    with pytest.raises(CheckpointError, match=r"latent_shape: \[8, 8, 24\] and code_shape"):
        read(RQVAEImporter(), state, config)
    for index in range(2):
        state[f"quantizer.codebooks.{index}.weight"] = torch.ones(SIZE + 1, 4 * WIDTH)
    with pytest.raises(CheckpointError, match="latent_shape and code_shape differ"):
        read(RQVAEImporter(), state)


def test_it_goes_on_to_learn_as_the_config_says() -> None:
    config = rqvae_config(DD, WIDTH, SIZE, 2)
    config["arch"]["hparams"] |= {"decay": 0.9, "restart_unused_codes": False}
    model, _ = read(RQVAEImporter(), state_of(DD, 2, shared=True), config)
    average = model.config.average
    assert (average.decay, average.restart_below, average.spares) == (0.9, 0.0, "tiled")
    assert model.config.updates == "in-turn"
    n_embed = config["arch"]["hparams"]["n_embed"]
    config["arch"]["hparams"]["n_embed"] = [n_embed, n_embed]  # also told for each depth
    read(RQVAEImporter(), state_of(DD, 2, shared=True), config)
