"""Mirrors rqbench/importing/export_files.py."""

import pytest
import torch
from safetensors.torch import load_file

from rqbench.errors import CheckpointError, ConfigError
from rqbench.importing.export_files import write_export, write_state
from rqbench.importing.import_model import import_model
from rqbench.models import weights_sha256

FIRST = "first_stage_model."


def test_an_export_is_imported_again_with_nothing_else(published, tmp_path):
    """The fake prior cannot be read without its config."""
    state = published.tokenizer_state(FIRST) | published.prior_state()
    import_model(published.save(tmp_path / "pair" / "last.ckpt", state), tmp_path / "out")
    (written,) = write_export(tmp_path / "out", tmp_path / "back.pt")
    assert written.has_config
    assert written.config.read_text() == (tmp_path / "pair" / "config.yaml").read_text()
    import_model(tmp_path / "back.pt", tmp_path / "again")
    for part in ("tokenizer", "prior"):
        assert weights_sha256(tmp_path / "again" / part) == weights_sha256(tmp_path / "out" / part)


def test_a_system_of_two_files_goes_to_a_folder_that_is_imported_again(published, tmp_path):
    published.save(tmp_path / "zoo" / "stage1" / "model.pt", published.tokenizer_state())
    published.save(tmp_path / "zoo" / "stage2" / "model.pt", published.prior_state())
    import_model(tmp_path / "zoo", tmp_path / "out")
    written = write_export(tmp_path / "out", tmp_path / "back")
    assert [one.path for one in written] == [
        tmp_path / "back" / stage / "model.pt" for stage in ("stage1", "stage2")
    ]
    assert all(one.path.is_file() and one.config.is_file() for one in written)
    import_model(tmp_path / "back", tmp_path / "again")
    for part in ("tokenizer", "prior"):
        assert weights_sha256(tmp_path / "again" / part) == weights_sha256(tmp_path / "out" / part)
    with pytest.raises(CheckpointError, match="is not empty"):
        write_export(tmp_path / "out", tmp_path / "back")
    with pytest.raises(ConfigError, match=r"two files\. Export both into one folder"):
        write_export(tmp_path / "out", tmp_path / "back.pt")


def test_a_model_without_a_config_is_exported_without_one(published, tmp_path):
    path = published.save(tmp_path / "vq" / "model.pt", published.tokenizer_state(), side=None)
    import_model(path, tmp_path / "out")
    (written,) = write_export(tmp_path / "out", tmp_path / "back.safetensors")
    assert not written.has_config
    assert not written.config.exists()
    assert written.num_tensors == len(load_file(written.path))


def test_a_config_that_is_there_is_not_replaced(published, tmp_path):
    import_model(
        published.save(tmp_path / "vq" / "model.pt", published.tokenizer_state()), tmp_path / "out"
    )
    (tmp_path / "back.yaml").write_text("mine")
    with pytest.raises(ConfigError, match=r"back\.yaml is there already"):
        write_export(tmp_path / "out", tmp_path / "back.pt")
    assert not (tmp_path / "back.pt").exists()


def test_a_state_dict_is_written_by_its_files_suffix(tmp_path):
    state = {"a": torch.ones(1)}  # one value, so that == is no riddle
    write_state(tmp_path / "a.safetensors", state)
    write_state(tmp_path / "a.ckpt", state)
    assert load_file(tmp_path / "a.safetensors") == state
    assert torch.load(tmp_path / "a.ckpt", weights_only=True)["state_dict"] == state
    for name, said in (("a.ckpt", "is there already"), ("a.bin", "must end with")):
        with pytest.raises(ConfigError, match=said):
            write_state(tmp_path / name, state)


@pytest.mark.parametrize("name", ["a.safetensors", "a.pt"])
def test_a_full_disk_is_an_error_of_the_system_and_leaves_nothing(full_disk, tmp_path, name):
    with full_disk(), pytest.raises(OSError, match=rf"{name} cannot be written: "):
        write_state(tmp_path / name, {"a": torch.ones(10_000)})
    assert list(tmp_path.iterdir()) == []
