"""What the config beside a published tokenizer says must be what its weights say."""

import copy
import re
from collections.abc import Callable
from typing import Any

import pytest

from rqbench.api import Checkpoint, CheckpointError
from rqbench_tokenizers.importers.dqvae import DQVAEImporter
from rqbench_tokenizers.importers.rqvae import RQVAEImporter
from rqbench_tokenizers.importers.vqgan import VQGANImporter

from . import rqvae_keys, vqgan_keys
from .dqvae_keys import DECODER, ENCODER, dqvae_config, dqvae_keys
from .filled import filled, read

Change = Callable[[dict[str, Any]], None]
VQ_STATE = filled(vqgan_keys.vqgan_keys(vqgan_keys.DD, 24, 50))
RQ_STATE = filled(rqvae_keys.rqvae_keys(rqvae_keys.DD, 24, 40, 2))
for part in ("weight", "cluster_size_ema", "embed_ema"):
    RQ_STATE[f"quantizer.codebooks.1.{part}"] = RQ_STATE[f"quantizer.codebooks.0.{part}"]
DQ_STATE = filled(dqvae_keys("entropy", ENCODER["entropy"], DECODER, 16, 24, 60))
VQ_CONFIG = vqgan_keys.vqgan_config(vqgan_keys.DD, 24, 50)
RQ_CONFIG = rqvae_keys.rqvae_config(rqvae_keys.DD, 24, 40, 2)
ROUTER = {"json_path": "x/entropy_thresholds_imagenet_val_patch-16.json", "fine_grain_ratito": 0.5}
DQ_CONFIG = dqvae_config("entropy", ENCODER["entropy"], DECODER, 24, 60, ROUTER)


@pytest.mark.parametrize(
    ("key", "wrong"),
    [
        ("ch", 64),
        ("ch_mult", [1, 2, 2]),
        ("num_res_blocks", 1),
        ("attn_resolutions", [16]),
        ("in_channels", 1),
        ("out_ch", 1),
        ("double_z", True),
        ("resamp_with_conv", False),
    ],
)
def test_a_contradiction_about_the_halves_names_key_and_both_values(key: str, wrong: Any) -> None:
    config = vqgan_keys.vqgan_config({**vqgan_keys.DD, key: wrong}, 24, 50)
    with pytest.raises(CheckpointError, match=rf"model\.params\.ddconfig\.{key}: .* weights"):
        read(VQGANImporter(), VQ_STATE, config)


@pytest.mark.parametrize("wrong", ["big", 0, -16, True, 16.5, [16, 16]])
def test_a_side_that_is_no_number_of_pixels_is_refused(wrong: Any) -> None:
    config = vqgan_keys.vqgan_config({**vqgan_keys.DD, "resolution": wrong}, 24, 50)
    with pytest.raises(CheckpointError, match=rf"resolution: {re.escape(repr(wrong))}, where"):
        read(VQGANImporter(), VQ_STATE, config)


@pytest.mark.parametrize(("key", "wrong"), [("n_embed", 51), ("embed_dim", 256)])
def test_a_contradiction_about_the_codebook_names_key_and_both_values(key: str, wrong: int) -> None:
    config = copy.deepcopy(VQ_CONFIG)
    config["model"]["params"][key] = wrong
    with pytest.raises(CheckpointError, match=rf"{key}: {wrong}, and the weights \d+"):
        read(VQGANImporter(), VQ_STATE, config)


@pytest.mark.parametrize(
    ("key", "wrong"),
    [("n_embed", 41), ("n_embed", [40, 41]), ("embed_dim", 1), ("code_shape", [4, 4, 3])],
)
def test_a_contradiction_about_the_stack_names_key_and_both_values(key: str, wrong: Any) -> None:
    config = copy.deepcopy(RQ_CONFIG)
    config["arch"]["hparams"][key] = wrong
    with pytest.raises(CheckpointError, match=rf"{key}: "):
        read(RQVAEImporter(), RQ_STATE, config)


def test_keys_of_other_sections_are_not_the_tokenizers() -> None:
    """Of a prior's run: a tokenizer of a condition, the transformer, data of another size."""
    stages = {
        "first_stage_config": VQ_CONFIG["model"],
        "cond_stage_config": {"params": {"n_embed": 7, "ddconfig": {"ch": 4, "in_channels": 1}}},
        "transformer_config": {"params": {"vocab_size": 50, "embed_dim": 9}},
    }
    below = {f"first_stage_model.{key}": value for key, value in VQ_STATE.items()}
    model, _ = read(VQGANImporter(), below, {"model": {"params": stages}})
    assert model.config.codebook_size == 50
    loss = {**RQ_CONFIG, "gan": {"disc": {"arch": {"in_channels": 9, "num_res_blocks": 7}}}}
    read(RQVAEImporter(), RQ_STATE, loss)


def test_the_config_is_optional_and_what_it_would_tell_is_noted() -> None:
    notes = {}
    for name, importer, state in (
        ("vq", VQGANImporter(), VQ_STATE),
        ("rq", RQVAEImporter(), RQ_STATE),
        ("dq", DQVAEImporter(), DQ_STATE),
    ):
        described = importer.describe(Checkpoint(state, {}, "model.pt"), None)
        assert described.type == name
        notes[name] = " ".join(described.notes)
    assert "dropout (0 is taken)" in notes["vq"]
    assert "All 2 depths have the same codebook" in notes["rq"]
    assert "0.5 and the published table imagenet-train" in notes["dq"]
    assert "entropy_bins=unit" in notes["dq"]


def test_with_the_published_config_little_is_left_to_note() -> None:
    given = ((VQGANImporter(), VQ_STATE, VQ_CONFIG), (RQVAEImporter(), RQ_STATE, RQ_CONFIG))
    for importer, state, config in given:
        assert importer.describe(Checkpoint(state, config, "model.pt"), None).notes == ()
    described = DQVAEImporter().describe(Checkpoint(DQ_STATE, DQ_CONFIG, "model.pt"), None)
    assert len(described.notes) == 1
    assert described.config["thresholds"] == "imagenet-val"
    assert described.resolution == 32


@pytest.mark.parametrize("key", ["codebook_size", "codebook_dim"])
def test_a_contradiction_about_the_grains_codebook_names_key_and_both_values(key: str) -> None:
    config = copy.deepcopy(DQ_CONFIG)
    config["model"]["params"]["vqconfig"]["params"][key] = 3
    with pytest.raises(CheckpointError, match=rf"{key}: 3, and the weights"):
        read(DQVAEImporter(), DQ_STATE, config)


def test_a_config_that_says_one_thing_twice_and_differently_is_refused() -> None:
    config = copy.deepcopy(RQ_CONFIG)
    config["arch"]["hparams"]["other"] = {"decay": 0.5}
    with pytest.raises(CheckpointError, match=r"decay twice .* arch\.hparams\.decay and .*\.other"):
        read(RQVAEImporter(), RQ_STATE, config)


@pytest.mark.parametrize(("told", "weight"), [({}, 0.25), ({"latent_loss_weight": 0.4}, 0.4)])
def test_the_commitment_weighs_what_the_config_says_or_the_published_quarter(
    told: dict[str, float], weight: float
) -> None:
    config = {"arch": {"hparams": told, "ddconfig": rqvae_keys.DD}}
    described = RQVAEImporter().describe(Checkpoint(RQ_STATE, config, "model.pt"), None)
    assert described.config["commitment_weight"] == weight


def test_decays_of_depths_become_the_first_and_restarts_have_the_released_default() -> None:
    config = copy.deepcopy(RQ_CONFIG)
    config["arch"]["hparams"] |= {"decay": [0.9, 0.8], "restart_unused_codes": None}
    described = RQVAEImporter().describe(Checkpoint(RQ_STATE, config, "model.pt"), None)
    told = described.config["average"]
    assert (told["decay"], told["restart_below"]) == (0.9, 0.0)
    assert any("[0.9, 0.8]" in note for note in described.notes)
    config["arch"]["hparams"] |= {"decay": [0.9, 0.9], "restart_unused_codes": True}
    described = RQVAEImporter().describe(Checkpoint(RQ_STATE, config, "model.pt"), None)
    assert described.config["average"]["restart_below"] == 1.0
    assert described.notes == ()


def test_the_budget_is_found_by_its_keys_whatever_its_section_is_called() -> None:
    router = {"gate_type": "2layer-fc-SiLu", "normalization_type": "group-8"}
    config = dqvae_config("dual", ENCODER["dual"], DECODER, 24, 60, router)
    loss = config["model"]["params"]["lossconfig"]["params"]
    loss["constraint"] = loss.pop("budget_config")
    state = filled(dqvae_keys("dual", ENCODER["dual"], DECODER, 16, 24, 60))
    described = DQVAEImporter().describe(Checkpoint(state, config, "model.pt"), None)
    assert described.config["target_ratios"] == [0.3]
    assert described.config["budget_weight"] == [20.0]
    loss.pop("constraint")
    described = DQVAEImporter().describe(Checkpoint(state, config, "model.pt"), None)
    assert described.config["target_ratios"] == [0.5]
    assert "tells no whole budget" in " ".join(described.notes)


def test_references_to_other_keys_and_empty_ones_are_left_alone() -> None:
    config = copy.deepcopy(VQ_CONFIG)
    config["model"]["params"] |= {"n_embed": "${codes}", "embed_dim": None}
    read(VQGANImporter(), VQ_STATE, config)
