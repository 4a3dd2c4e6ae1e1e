"""Mirrors rqbench/importing/checkpoint_file.py."""

import os
import sys
import zipfile

import pytest
import torch
from safetensors.torch import save_file
from torch import nn

from rqbench.errors import CheckpointError
from rqbench.importing.checkpoint_file import read_checkpoint

STATE = {"state_dict": {"weight": torch.randn(30, 20)}, "epoch": 3}


class Runs:
    """Writes a file when it is unpickled."""

    def __init__(self, path):
        self.path = path

    def __reduce__(self):
        return os.mkdir, (str(self.path),)


@pytest.mark.parametrize("is_zip", [True, False])
@pytest.mark.parametrize("trust", [False, True])
def test_both_formats_of_torch_are_read(tmp_path, is_zip, trust):
    torch.save(STATE, tmp_path / "model.pt", _use_new_zipfile_serialization=is_zip)
    found = read_checkpoint(tmp_path / "model.pt", trust)
    assert found["epoch"] == 3
    assert torch.equal(found["state_dict"]["weight"], STATE["state_dict"]["weight"])


def test_a_checkpoint_that_was_zipped_anew_with_compression_is_read(tmp_path):
    torch.save(STATE, tmp_path / "model.pt")
    with (
        zipfile.ZipFile(tmp_path / "model.pt") as old,
        zipfile.ZipFile(tmp_path / "small.pt", "w", zipfile.ZIP_DEFLATED) as new,
    ):
        for entry in old.infolist():
            new.writestr(entry.filename, old.read(entry))
    found = read_checkpoint(tmp_path / "small.pt")
    assert torch.equal(found["state_dict"]["weight"], STATE["state_dict"]["weight"])


def test_safetensors_are_read_and_a_damaged_header_is_told(tmp_path):
    path = tmp_path / "model.safetensors"
    save_file(STATE["state_dict"], path)
    assert torch.equal(read_checkpoint(path)["weight"], STATE["state_dict"]["weight"])
    path.write_bytes(path.read_bytes()[:-4])
    with pytest.raises(CheckpointError, match="is cut short or damaged: SafetensorError"):
        read_checkpoint(path)


@pytest.mark.parametrize("trust", [False, True])
@pytest.mark.parametrize("content", [b"\x80\x02((((", b"", b"\x80\x02}."])
def test_a_zip_that_torch_did_not_fill_is_damaged(tmp_path, trust, content):
    with zipfile.ZipFile(tmp_path / "model.pt", "w") as archive:
        archive.writestr("model/data.pkl", content)
    with pytest.raises(CheckpointError, match="is cut short or damaged"):
        read_checkpoint(tmp_path / "model.pt", trust)


class Exits:
    def __reduce__(self):
        return sys.exit, (0,)


def test_a_trusted_file_cannot_end_the_command_as_if_it_had_worked(tmp_path):
    torch.save(STATE | {"x": Exits()}, tmp_path / "model.pt")
    with pytest.raises(CheckpointError, match="is cut short or damaged: SystemExit"):
        read_checkpoint(tmp_path / "model.pt", trust=True)


@pytest.mark.parametrize("trust", [False, True])
def test_an_old_file_that_is_cut_short_is_told_wherever_it_ends(tmp_path, trust):
    torch.save(STATE, tmp_path / "whole.pt", _use_new_zipfile_serialization=False)
    whole = (tmp_path / "whole.pt").read_bytes()
    for length in (30, 60, 200, 400, len(whole) // 2, len(whole) - 1):
        (tmp_path / "cut.pt").write_bytes(whole[:length])
        with pytest.raises(CheckpointError, match=r"cut\.pt is cut short or damaged") as caught:
            read_checkpoint(tmp_path / "cut.pt", trust)
        assert "\n" not in str(caught.value)


@pytest.mark.parametrize("is_zip", [True, False])
def test_nothing_of_a_file_runs_without_trust(tmp_path, is_zip):
    path, traces = tmp_path / "model.pt", tmp_path / "traces"
    torch.save(STATE | {"callbacks": Runs(traces)}, path, _use_new_zipfile_serialization=is_zip)
    with pytest.raises(CheckpointError, match=r"Python objects.*posix\.mkdir.*--trust") as caught:
        read_checkpoint(path)
    assert "\n" not in str(caught.value)
    assert not traces.exists()
    read_checkpoint(path, trust=True)
    assert traces.is_dir()


class Callback:
    """Stands for a class of a library that is not installed any more when the file is read."""

    def __init__(self):
        self.best = 3


@pytest.mark.parametrize("is_zip", [True, False])
def test_classes_that_are_not_installed_do_no_harm_to_the_weights(tmp_path, monkeypatch, is_zip):
    path = tmp_path / "model.pt"
    torch.save(STATE | {"callback": Callback()}, path, _use_new_zipfile_serialization=is_zip)
    monkeypatch.delattr(f"{__name__}.Callback")
    with pytest.raises(CheckpointError, match=r"\.Callback\. Loading them runs code"):
        read_checkpoint(path)
    found = read_checkpoint(path, trust=True)
    assert torch.equal(found["state_dict"]["weight"], STATE["state_dict"]["weight"])
    assert not hasattr(found["callback"], "best")


def test_a_whole_model_needs_trust(tmp_path):
    torch.save(nn.Linear(2, 3), tmp_path / "model.pt")
    with pytest.raises(CheckpointError, match=r"torch\.nn\.modules\.linear\.Linear"):
        read_checkpoint(tmp_path / "model.pt")
    assert isinstance(read_checkpoint(tmp_path / "model.pt", trust=True), nn.Linear)
