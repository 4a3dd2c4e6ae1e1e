"""Mirrors rqbench/files.py."""

import json
import os

import pytest
import torch

from rqbench.checkpoint import save_tensors
from rqbench.errors import ConfigError, DamagedFileError
from rqbench.files import (
    appearing,
    check_above,
    check_free,
    check_seal,
    digest_of,
    is_sealed,
    seal,
    sha256_of,
    write_json,
    write_whole,
)


def test_a_file_whose_writing_is_cut_short_stays_what_it_was(tmp_path):
    path = tmp_path / "new" / "a.txt"
    write_whole(path, lambda beside: beside.write_text("first") and None)

    def crash(beside):
        beside.write_text("sec")
        raise OSError("no space left")

    with pytest.raises(OSError, match="no space"):
        write_whole(path, crash)
    assert path.read_text() == "first"
    assert list(path.parent.iterdir()) == [path]
    write_whole(path, lambda beside: beside.write_text("second") and None)
    assert path.read_text() == "second"
    assert list(path.parent.iterdir()) == [path]


def test_a_file_has_the_mode_of_the_umask_whatever_its_writer_makes(tmp_path):
    before = os.umask(0o027)
    try:
        write_whole(tmp_path / "a", lambda beside: beside.chmod(0o600))
        save_tensors(tmp_path / "b", {"x": torch.ones(1)}, {})
    finally:
        os.umask(before)
    assert {path.stat().st_mode & 0o777 for path in tmp_path.iterdir()} == {0o640}


def test_a_file_that_was_never_written_whole_is_not_there(tmp_path):
    with pytest.raises(ZeroDivisionError):
        write_whole(tmp_path / "a", lambda beside: beside.write_text("x") / 0)
    assert not (tmp_path / "a").exists()


def test_json_has_sorted_keys(tmp_path):
    write_json(tmp_path / "a.json", {"b": 1, "a": [2]})
    assert (tmp_path / "a.json").read_text() == '{\n  "a": [\n    2\n  ],\n  "b": 1\n}\n'


def test_a_digest_is_that_of_the_standard_and_blind_to_the_order_of_keys(tmp_path):
    (tmp_path / "abc").write_text("abc")
    known = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"  # FIPS 180-2
    assert sha256_of(tmp_path / "abc") == known
    assert digest_of({"a": 1, "b": 2}) == digest_of({"b": 2, "a": 1}) != digest_of({"a": 1})


@pytest.fixture
def sealed(tmp_path):
    for name in ("a", "b"):
        (tmp_path / name).write_text(name)
    assert not is_sealed(tmp_path)
    seal(tmp_path, ["b", "a"], {"stage": "s"})
    return tmp_path


def test_a_sealed_folder_is_complete_and_says_what_it_is(sealed):
    assert is_sealed(sealed)
    check_seal(sealed)
    assert json.loads((sealed / "manifest.json").read_text())["stage"] == "s"


@pytest.mark.parametrize(
    ("damage", "said"),
    [
        (lambda folder: (folder / "b").write_text("c"), r"b is not what was written"),
        (lambda folder: (folder / "a").unlink(), r"a is missing"),
        (lambda folder: (folder / "manifest.json").write_text("{"), r"manifest\.json cannot be"),
        (lambda folder: (folder / "manifest.json").write_text("{}"), r"manifest\.json cannot be"),
    ],
)
def test_damage_is_found_and_named(sealed, damage, said):
    damage(sealed)
    with pytest.raises(DamagedFileError, match=said):
        check_seal(sealed)


@pytest.mark.parametrize("is_there", [False, True])
def test_a_folder_appears_whole(tmp_path, is_there):
    out = tmp_path / "deep" / "out"
    if is_there:
        out.mkdir(parents=True)
    with appearing(out) as folder:
        (folder / "file").touch()
        assert not (out / "file").exists()
    assert [file.name for file in out.parent.iterdir()] == ["out"]
    assert [file.name for file in out.iterdir()] == ["file"]


def test_a_folder_that_fails_does_not_appear(tmp_path):
    with pytest.raises(KeyboardInterrupt), appearing(tmp_path / "out") as folder:
        (folder / "file").touch()
        raise KeyboardInterrupt
    assert not list(tmp_path.iterdir())


def test_a_place_below_a_file_is_refused_and_one_below_new_folders_is_not(tmp_path):
    (tmp_path / "file").touch()
    check_above(tmp_path / "file")
    check_above(tmp_path / "new" / "deep" / "out")
    for below in ("file/out", "file/deep/out"):
        with pytest.raises(ConfigError, match=r"lies below \S*/file, which is a file"):
            check_above(tmp_path / below)


def test_a_place_is_free_where_nothing_is(tmp_path):
    (tmp_path / "empty").mkdir()
    (tmp_path / "file").touch()
    for free in ("empty", "new", "new/deep"):
        check_free(tmp_path / free)
    for taken in (tmp_path, tmp_path / "file"):
        with pytest.raises(ConfigError, match="is there already"):
            check_free(taken)
