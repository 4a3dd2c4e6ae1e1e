"""Mirrors rqbench/importing/imported_folder.py."""

import os
from collections import namedtuple

import pytest

from rqbench.errors import CheckpointError
from rqbench.importing import imported_folder
from rqbench.importing.imported_folder import check_disk, check_out, link_model


def test_a_place_where_something_is_is_refused(tmp_path):
    check_out(tmp_path)
    check_out(tmp_path / "new")
    (tmp_path / "file").touch()
    for taken in (tmp_path, tmp_path / "file"):
        with pytest.raises(CheckpointError, match="is not empty"):
            check_out(taken)


def test_a_full_disk_is_told_before_anything_is_written(tmp_path, monkeypatch):
    disk = namedtuple("disk", "free")
    monkeypatch.setattr(imported_folder.shutil, "disk_usage", lambda folder: disk(16 << 20))
    check_disk(tmp_path / "deep" / "out", [])
    monkeypatch.setattr(imported_folder.shutil, "disk_usage", lambda folder: disk(10_000_000))
    with pytest.raises(CheckpointError, match=r"needs 0\.02 GB, and its disk has 0\.01 GB left"):
        check_disk(tmp_path / "deep" / "out", [])


@pytest.mark.parametrize("can_link", [True, False])
def test_a_model_is_linked_where_the_disk_can_and_else_copied(tmp_path, monkeypatch, can_link):
    def refuse(*paths):
        raise OSError("another disk")

    if not can_link:
        monkeypatch.setattr(os, "link", refuse)
    source = tmp_path / "source"
    (source / "checkpoints").mkdir(parents=True)
    (source / "model.json").write_text("{}")
    link_model(source, tmp_path / "copy")
    assert [file.name for file in (tmp_path / "copy").iterdir()] == ["model.json"]
    assert (tmp_path / "copy" / "model.json").read_text() == "{}"
    assert (source / "model.json").stat().st_nlink == (2 if can_link else 1)
