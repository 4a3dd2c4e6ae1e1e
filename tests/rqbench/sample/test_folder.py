"""Mirrors rqbench/sample/folder.py."""

import pytest
import torch
from safetensors.torch import save_file

from rqbench import checkpoint
from rqbench.checkpoint import load_tensors
from rqbench.errors import ConfigError
from rqbench.sample.folder import SampleFolder, save_block

FACTS = {"seed": 0, "num": 2, "batch": 4, "sampling": {"top_k": (2, 1)}}


def begun(root, **changes):
    folder = SampleFolder(root, {**FACTS, **changes})
    folder.begin()
    folder.blocks.mkdir(exist_ok=True)
    return folder


def test_another_request_is_refused_and_told_what_differs(tmp_path):
    begun(tmp_path / "a")
    with pytest.raises(ConfigError, match=r"seed 0, not 1; num 2, not 3\. Ask for the same"):
        begun(tmp_path / "a", seed=1, num=3)


def test_the_same_request_goes_on_with_any_batch(tmp_path):
    begun(tmp_path / "a")
    assert not begun(tmp_path / "a", batch=9).is_complete()


def test_a_request_that_was_stopped_before_anything_was_drawn_binds_nobody(tmp_path):
    SampleFolder(tmp_path / "a", FACTS).begin()
    SampleFolder(tmp_path / "a", {**FACTS, "seed": 1})
    (tmp_path / "a" / "samples.json").write_text("mine")
    with pytest.raises(ConfigError, match="holds no samples of rqbench"):
        SampleFolder(tmp_path / "a", FACTS)


def test_a_folder_of_something_else_is_left_alone(tmp_path):
    (tmp_path / "mine.txt").write_text("x")
    with pytest.raises(ConfigError, match="holds no samples of rqbench"):
        SampleFolder(tmp_path, FACTS)


def test_a_closed_folder_is_complete_until_a_file_changes(tmp_path):
    folder = begun(tmp_path / "a")
    (folder.root / "x.png").write_bytes(b"x")
    folder.close(["x.png"], {"kept": 2})
    again = SampleFolder(tmp_path / "a", FACTS)
    assert again.is_complete()
    assert again.found == {"kept": 2}
    assert not folder.blocks.exists()
    (folder.root / "x.png").write_bytes(b"y")
    assert not again.is_complete()


def test_what_another_process_is_just_writing_is_not_something_else(tmp_path):
    (tmp_path / ".0123.part").write_bytes(b"")
    SampleFolder(tmp_path, FACTS)


def test_of_two_requests_that_begin_at_once_the_second_is_refused(tmp_path):
    first, second = SampleFolder(tmp_path, FACTS), SampleFolder(tmp_path, {**FACTS, "seed": 1})
    first.begin()
    first.blocks.mkdir()
    with pytest.raises(ConfigError, match="seed 0, not 1"):
        second.begin()


def test_beginning_late_leaves_a_folder_complete_that_another_process_completed(tmp_path):
    first, second = SampleFolder(tmp_path, FACTS), SampleFolder(tmp_path, FACTS)
    first.begin()
    first.blocks.mkdir()
    first.close([], {"kept": 2})
    second.begin()
    assert second.is_complete()
    assert second.found == {"kept": 2}


def test_two_processes_may_write_one_block_at_once(tmp_path, monkeypatch):
    path, tensors = tmp_path / "block.safetensors", {"codes": torch.arange(3)}

    def meanwhile(ready, own, metadata):
        save_file(ready, own, metadata)
        monkeypatch.setattr(checkpoint, "save_file", save_file)
        save_block(path, tensors)  # the other one, from start to end

    monkeypatch.setattr(checkpoint, "save_file", meanwhile)
    save_block(path, tensors)
    assert load_tensors(path)[0]["codes"].tolist() == [0, 1, 2]
    assert [found.name for found in tmp_path.iterdir()] == ["block.safetensors"]
