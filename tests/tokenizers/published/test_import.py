"""Published tokenizers through `rqbench import`, as its users meet them."""

from pathlib import Path
from typing import Any

import pytest
import torch
import yaml
from torch import Tensor

import rqbench
from rqbench.api import CheckpointError, Tokenizer
from rqbench.importing.export_model import export_model
from rqbench_tokenizers.dq import DQ
from rqbench_tokenizers.importers.dqvae import DQVAEImporter
from rqbench_tokenizers.importers.rqvae import RQVAEImporter
from rqbench_tokenizers.importers.vqgan import VQGANImporter

from . import rqvae_keys, vqgan_keys
from .dqvae_keys import DECODER, ENCODER, LOSS, dqvae_config, dqvae_keys
from .filled import filled, random_images, read

ROUTER = {"json_path": "x/entropy_thresholds_imagenet_val_patch-16.json", "fine_grain_ratito": 0.5}
RQ_DD = {**rqvae_keys.DD, "num_res_blocks": 2}
FAMILIES: dict[str, tuple[Any, dict[str, Tensor], dict[str, Any], int]] = {
    "vqgan": (
        VQGANImporter(),
        filled(vqgan_keys.vqgan_keys(vqgan_keys.DD, 24, 50)),
        vqgan_keys.vqgan_config(vqgan_keys.DD, 24, 50),
        16,
    ),
    "rqvae": (
        RQVAEImporter(),
        filled(rqvae_keys.rqvae_keys(RQ_DD, 24, 40, 2)),
        rqvae_keys.rqvae_config(RQ_DD, 24, 40, 2, shared=False),
        16,
    ),
    "dqvae": (
        DQVAEImporter(),
        filled(dqvae_keys("entropy", ENCODER["entropy"], DECODER, 16, 24, 60)),
        dqvae_config("entropy", ENCODER["entropy"], DECODER, 24, 60, ROUTER),
        32,
    ),
}


def saved(folder: Path, name: str) -> Path:
    _, state, config, _ = FAMILIES[name]
    folder.mkdir()
    torch.save({"state_dict": {**state, **filled(LOSS)}, "epoch": 3}, folder / "model.pt")
    (folder / "config.yaml").write_text(yaml.safe_dump(config))
    return folder / "model.pt"


@pytest.mark.parametrize("name", FAMILIES)
def test_what_is_imported_loads_codes_as_before_and_goes_back(name: str, tmp_path: Path) -> None:
    importer, state, config, side = FAMILIES[name]
    rqbench.import_model(saved(tmp_path / "download", name), tmp_path / "out")
    model = rqbench.load_model(tmp_path / "out")
    assert isinstance(model, Tokenizer)
    wanted, _ = read(importer, state, config)
    pictures = random_images(2, side)
    assert torch.equal(model.encode(pictures).values, wanted.encode(pictures).values)
    back = export_model(tmp_path / "out")
    assert back.keys() == state.keys()
    assert all(torch.equal(back[key], state[key]) for key in state)


@pytest.mark.parametrize(
    ("settings", "threshold", "bins"),
    [
        ([], 1.67500114, "signed"),
        (["entropy_bins=unit"], 1.67500114, "unit"),
        (["target_ratios=[0.3]", "thresholds=ffhq-train"], 2.19088888, "signed"),
        (["thresholds=[1.25]"], 1.25, "signed"),
    ],
)
def test_settings_change_bins_share_and_source_of_thresholds(
    settings: list[str], threshold: float, bins: str, tmp_path: Path
) -> None:
    path = saved(tmp_path / "download", "dqvae")
    rqbench.import_model(path, tmp_path / "out", settings=settings)
    model = rqbench.load_model(tmp_path / "out")
    assert isinstance(model, DQ)
    assert model.thresholds.item() == pytest.approx(threshold)
    assert model.config.entropy_bins == bins


def test_a_tokenizer_below_a_priors_prefix_is_found_by_the_config_of_its_stage(
    tmp_path: Path,
) -> None:
    importer, state, config, side = FAMILIES["vqgan"]
    below = {f"first_stage_model.{key}": value for key, value in state.items()}
    torch.save({"state_dict": below}, tmp_path / "last.ckpt")
    run = {"model": {"params": {"first_stage_config": config["model"]}}}
    (tmp_path / "last.yaml").write_text(yaml.safe_dump(run))
    rqbench.import_model(tmp_path / "last.ckpt", tmp_path / "out")
    model = rqbench.load_model(tmp_path / "out")
    assert isinstance(model, Tokenizer)
    wanted, _ = read(importer, state, config)
    pictures = random_images(1, side)
    assert torch.equal(model.encode(pictures).values, wanted.encode(pictures).values)


@pytest.mark.parametrize("name", FAMILIES)
def test_a_lost_key_leaves_nothing_behind(name: str, tmp_path: Path) -> None:
    path = saved(tmp_path / "download", name)
    whole = torch.load(path)
    whole["state_dict"].pop("decoder.up.0.block.0.conv1.weight")
    torch.save(whole, path)
    with pytest.raises(CheckpointError, match=r"decoder\.up\.0\.block\.0\.conv1\.weight"):
        rqbench.import_model(path, tmp_path / "out")
    assert not (tmp_path / "out").exists()
