"""Mirrors rqbench/data/folder.py."""

from pathlib import Path

import pytest

from rqbench.data.folder import Folder, list_images
from rqbench.errors import DataError


def test_images_are_found_recursively_sorted_and_by_extension(tmp_path, write):
    for name in ("b/2.png", "a/deep/1.PNG", ".hidden/3.png", "b/.4.png"):
        write(name)
    (tmp_path / "a" / "notes.txt").write_text("no image")
    assert list_images(tmp_path) == ["a/deep/1.PNG", "b/2.png"]


def test_class_sub_folders_become_labels(tmp_path, write):
    for name in ("dog/1.png", "cat/1.png", "cat/more/2.png"):
        write(name)
    folder = Folder(tmp_path, labels=True)
    assert folder.class_names == ("cat", "dog")
    assert dict(zip(folder.names, folder.labels.tolist(), strict=True)) == {
        "cat/1.png": 0,
        "cat/more/2.png": 0,
        "dog/1.png": 1,
    }
    assert folder.is_held_out is None
    assert Folder(tmp_path, labels=False).labels is None


def test_a_flat_folder_has_no_labels(tmp_path, write):
    write("1.png")
    folder = Folder(tmp_path, labels=True)
    assert folder.labels is None and folder.class_names is None
    assert folder.name == f"folder:{tmp_path.name}"


@pytest.mark.parametrize("held_out", ["test", "validation", "val"])
def test_train_and_test_sub_folders_are_the_split(tmp_path, write, held_out):
    for name in ("train/a/1.png", "train/b/2.png", f"{held_out}/b/3.png", "spare/4.png"):
        write(name)
    folder = Folder(tmp_path, labels=True)
    assert folder.class_names == ("a", "b")
    assert dict(zip(folder.names, folder.is_held_out.tolist(), strict=True)) == {
        f"{held_out}/b/3.png": True,
        "train/a/1.png": False,
        "train/b/2.png": False,
    }


def test_a_test_folder_goes_before_a_validation_folder(tmp_path, write):
    for name in ("train/1.png", "val/2.png", "test/3.png"):
        write(name)
    assert Folder(tmp_path, labels=True).names == ("test/3.png", "train/1.png")


def test_a_folder_without_images_is_a_clear_error(tmp_path):
    (tmp_path / "notes.txt").write_text("no image")
    with pytest.raises(DataError, match=r"holds no images.*\.png"):
        Folder(tmp_path, labels=True)


def test_a_source_that_is_no_folder_says_what_there_is(tmp_path):
    with pytest.raises(DataError, match=r"neither 'photos'.*Did you mean 'photos'"):
        Folder(Path("photo"), labels=True)


def test_a_file_outside_the_class_folders_is_named(tmp_path, write):
    write("cat/1.png")
    write("stray.png")
    with pytest.raises(DataError, match=r"stray\.png lies in none"):
        Folder(tmp_path, labels=True)


def test_a_held_out_class_that_training_lacks_is_named(tmp_path, write):
    for name in ("train/a/1.png", "test/z/2.png"):
        write(name)
    with pytest.raises(DataError, match="held-out class 'z'"):
        Folder(tmp_path, labels=True)
