"""Checkpoints as the projects save them, through the real commands: imported, drawn from, exported.

What each importer makes of keys and numbers is tested with it; this is about the files around them.
"""

import json
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
import torch
import yaml
from torch import Tensor

from rqbench import export_model, import_model, load_system
from rqbench.errors import CheckpointError

from .priors.published.dq_transformer_keys import (
    Sizes,
    dq_transformer_config,
    dq_transformer_state,
)  # fmt: skip
from .priors.published.filling import filled as filled_prior
from .priors.published.gpt_keys import gpt_keys
from .priors.published.rq_transformer_keys import rq_transformer_keys
from .tokenizers.published import dqvae_keys, rqvae_keys, vqgan_keys
from .tokenizers.published.filled import filled

State = dict[str, Tensor]
CODES, WIDTH = 40, 24
LOSS = {"loss.perceptual_loss.lin0.model.1.weight": torch.ones(1, 64, 1, 1)}


@pytest.fixture
def lightning(monkeypatch: pytest.MonkeyPatch) -> type:
    """A class of a trainer that is not installed; call `monkeypatch.undo` before reading."""
    name = "pytorch_lightning"
    callback = type("ModelCheckpoint", (), {"__module__": name})
    module = ModuleType(name)
    module.ModelCheckpoint = callback  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, name, module)
    return callback


def below(prefix: str, state: State) -> State:
    return {prefix + key: value for key, value in state.items()}


def vqgan() -> tuple[State, dict[str, Any]]:
    shapes = vqgan_keys.vqgan_keys(vqgan_keys.DD, WIDTH, CODES)
    return filled(shapes), vqgan_keys.vqgan_config(vqgan_keys.DD, WIDTH, CODES)


def gpt() -> tuple[State, dict[str, Any]]:
    """A class-conditional prior with its first stage."""
    tokenizer, config = vqgan()
    state = filled_prior(gpt_keys(CODES, 64, 32, 2, "transformer."))
    transformer = {"vocab_size": CODES, "block_size": 64, "n_layer": 2, "n_head": 4, "n_embd": 32}
    params = {
        "cond_stage_key": "class_label",
        "transformer_config": {"params": transformer},
        "first_stage_config": config["model"],
        "cond_stage_config": {"target": "x.Labelator", "params": {"n_classes": 7}},
    }
    return state | below("first_stage_model.", tokenizer), {"model": {"params": params}}


def dq_transformer() -> tuple[State, dict[str, Any]]:
    """An unconditional prior with its first stage."""
    sizes = Sizes(codebook_size=CODES, coarse_side=8, block_size=400)
    kind = "entropy"
    encoder, decoder = dqvae_keys.ENCODER[kind], dqvae_keys.DECODER
    tokenizer = filled(dqvae_keys.dqvae_keys(kind, encoder, decoder, 16, WIDTH, CODES))
    router = {"json_path": "a/entropy_thresholds_imagenet_train_patch-16.json",
              "fine_grain_ratito": 0.5}  # fmt: skip
    first = dqvae_keys.dqvae_config(kind, encoder, decoder, WIDTH, CODES, router)
    config: dict[str, Any] = dq_transformer_config(sizes)
    config["model"]["params"]["first_stage_config"] = first["model"]
    prior = dq_transformer_state(sizes)
    return below("transformer.", prior) | below("first_stage_model.", tokenizer), config


def rq_archive(folder: Path, width: int = WIDTH) -> Path:
    """The unpacked archive of a conditional model, as a training would have left its files."""
    dd = rqvae_keys.DD
    tokenizer = filled(rqvae_keys.rqvae_keys(dd, width, CODES, 3))
    for key in tokenizer:
        if "codebooks" in key:
            tokenizer[key] = tokenizer[f"quantizer.codebooks.0.{key.rpartition('.')[2]}"]
    config = rqvae_keys.rqvae_config(dd, width, CODES, 3)
    held = {
        "epoch": 9, "state_dict": tokenizer, "discriminator": {"main.0.weight": torch.ones(2)},
        "optimizer": {"state": {0: {"exp_avg": torch.ones(2)}}}, "scheduler": {"last_epoch": 9},
    }  # fmt: skip
    save(folder / "stage1" / "model.pt", held, config, "config.yaml")
    prior = filled_prior(
        rq_transformer_keys(
            positions=16, depth=3, codebook_size=CODES, vector_width=width, width=32,
            body_layers=2, depth_layers=1, num_conditions=5,
        )
    )  # fmt: skip
    arch = {
        "type": "rq-transformer", "block_size": [4, 4, 3], "embed_dim": 32, "vocab_size": CODES,
        "vocab_size_cond": 5, "block_size_cond": 1,
        "body": {"n_layer": 2, "block": {"n_head": 4}},
        "head": {"n_layer": 1, "block": {"n_head": 4}},
    }  # fmt: skip
    config = {"arch": arch, "sampling": {"temp": 1.0, "top_k": [9, 8, 7], "top_p": [0.9, 0.9, 0.9]}}
    save(folder / "stage2" / "model.pt", {"state_dict": prior}, config, "config.yaml")
    return folder


def save(path: Path, held: Any, config: dict[str, Any], beside: str) -> Path:
    path.parent.mkdir(parents=True)
    torch.save(held, path)
    (path.parent / beside).parent.mkdir(exist_ok=True)
    (path.parent / beside).write_text(yaml.safe_dump(config))
    return path


def assert_equal(found: State, expected: State) -> None:
    assert found.keys() == expected.keys()
    assert all(torch.equal(found[key], expected[key]) for key in found)


def assert_draws(folder: Path, condition: Tensor | None) -> None:
    system = load_system(folder)
    codes = system.prior.sample(1, 3, system.sampling, condition)
    images = system.tokenizer.decode(codes)
    assert images.isfinite().all()
    assert len(images.unique()) > 100


def test_a_lightning_run_of_a_vqgan_needs_trust_and_then_comes_back_bit_for_bit(
    tmp_path: Path, lightning: type, monkeypatch: pytest.MonkeyPatch
) -> None:
    state, config = vqgan()
    held = {
        "epoch": 1, "global_step": 9, "pytorch-lightning_version": "1.0.8",
        "callbacks": {lightning: {"best": torch.tensor(1.0)}}, "optimizer_states": [],
        "state_dict": state | LOSS,
    }  # fmt: skip
    name = "../configs/2021-01-01-project.yaml"
    save(tmp_path / "run" / "checkpoints" / "last.ckpt", held, config, name)
    monkeypatch.undo()
    with pytest.raises(CheckpointError, match=r"pytorch_lightning\.ModelCheckpoint"):
        import_model(tmp_path / "run", tmp_path / "out")
    imported = import_model(tmp_path / "run", tmp_path / "out", trust=True)
    origin = imported.origins["tokenizer"]
    assert origin["importer"]["name"] == "taming-vqgan"
    assert origin["source"]["config"]["name"] == "2021-01-01-project.yaml"
    assert origin["parameters"] == sum(value.numel() for value in state.values())
    assert_equal(export_model(tmp_path / "out"), state)


@pytest.mark.parametrize(
    ("make", "num_classes"), [(gpt, 7), (dq_transformer, None)], ids=["gpt", "dq-transformer"]
)
def test_a_prior_with_its_first_stage_is_drawn_from_and_comes_back(
    tmp_path: Path, make: Any, num_classes: int | None
) -> None:
    state, config = make()
    path = save(tmp_path / "last.ckpt" / "last.ckpt", {"state_dict": state}, config, "a.yaml")
    imported = import_model(path, tmp_path / "out")
    assert imported.is_system
    json.dumps(imported.origins)
    assert_equal(export_model(tmp_path / "out"), state)
    assert_draws(tmp_path / "out", torch.tensor([[6]]) if num_classes else None)


def test_an_archive_of_rq_models_is_drawn_from_and_comes_back(tmp_path: Path) -> None:
    archive = rq_archive(tmp_path / "archive")
    imported = import_model(archive, tmp_path / "out")
    reasons = " ".join(left["reason"] for left in imported.origins["tokenizer"]["left_out"])
    assert all(part in reasons for part in ("discriminator", "optimizer", "schedule", "trainer"))
    for stage, part in (("stage1", "tokenizer"), ("stage2", "prior")):
        state = torch.load(archive / stage / "model.pt")["state_dict"]
        assert_equal(export_model(tmp_path / "out" / part), state)
    assert load_system(tmp_path / "out").sampling.top_k == (9, 8, 7)
    assert_draws(tmp_path / "out", torch.tensor([[4]]))


def test_an_rq_prior_goes_with_the_tokenizer_of_its_archive_alone(tmp_path: Path) -> None:
    archive, other = rq_archive(tmp_path / "one"), rq_archive(tmp_path / "other", width=16)
    prior = archive / "stage2" / "model.pt"
    with pytest.raises(CheckpointError, match="reads the vectors of its tokenizer"):
        import_model(prior, tmp_path / "out")
    import_model(other / "stage1", tmp_path / "wrong")
    with pytest.raises(CheckpointError, match=r"reads vectors of shape \(3, 40, 24\)"):
        import_model(prior, tmp_path / "out", tokenizer=tmp_path / "wrong")
    import_model(archive / "stage1", tmp_path / "right")
    import_model(prior, tmp_path / "out", tokenizer=tmp_path / "right")
    load_system(tmp_path / "out")
