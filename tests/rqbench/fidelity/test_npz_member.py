"""Mirrors rqbench/fidelity/npz_member.py."""

import shutil
import tempfile
import zipfile
from contextlib import suppress

import numpy as np
import pytest

from rqbench.errors import DataError
from rqbench.fidelity.npz_member import map_member, member_names

VALUES = np.arange(24, dtype=np.float32).reshape(2, 3, 4)


@pytest.mark.parametrize("save", [np.savez, np.savez_compressed])
def test_a_member_is_mapped_whether_stored_or_deflated(tmp_path, save):
    save(tmp_path / "a.npz", other=np.ones(7), values=VALUES)
    assert member_names(tmp_path / "a.npz") == ["other", "values"]
    mapped = map_member(tmp_path / "a.npz", "values")
    assert isinstance(mapped, np.memmap)
    assert np.array_equal(mapped, VALUES)
    with pytest.raises(ValueError, match="read-only"):
        mapped[0] = 0


def test_a_stored_member_lies_in_the_file_itself(tmp_path):
    np.savez(tmp_path / "a.npz", values=VALUES)
    assert map_member(tmp_path / "a.npz", "values").filename == str(tmp_path / "a.npz")


def test_what_has_no_room_unpacked_is_refused_with_both_ways_out(tmp_path, monkeypatch):
    usage = shutil.disk_usage(tmp_path)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage._replace(free=VALUES.nbytes))
    np.savez(tmp_path / "a.npz", values=VALUES)
    np.savez_compressed(tmp_path / "b.npz", values=VALUES)
    assert np.array_equal(map_member(tmp_path / "a.npz", "values"), VALUES)
    with pytest.raises(DataError, match=r"'values' is compressed .* numpy\.savez .* TMPDIR"):
        map_member(tmp_path / "b.npz", "values")  # its header needs room too


def test_what_is_unpacked_has_no_name_that_could_stay_behind(tmp_path, monkeypatch):
    np.savez_compressed(tmp_path / "a.npz", values=VALUES)
    folder = tmp_path / "unpacked"
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    mapped = map_member(tmp_path / "a.npz", "values")
    assert np.array_equal(mapped, VALUES)
    assert list(folder.iterdir()) == []


@pytest.mark.parametrize("values", [VALUES.T, np.zeros((0, 3)), np.arange(5, dtype=">i2")])
def test_any_order_and_kind_of_numbers_comes_back(tmp_path, values):
    np.savez(tmp_path / "a.npz", values=values)
    found = map_member(tmp_path / "a.npz", "values")
    assert found.dtype == values.dtype
    assert np.array_equal(found, values)


def test_pickled_objects_are_not_read(tmp_path):
    np.savez(tmp_path / "a.npz", values=np.array([{"a": 1}]))
    with pytest.raises(DataError, match=r"a\.npz: its array 'values' .* pickled objects"):
        map_member(tmp_path / "a.npz", "values")


def test_what_is_no_npz_file_is_refused(tmp_path):
    np.save(tmp_path / "a.npy", VALUES)
    (tmp_path / "a.npy").rename(tmp_path / "a.npz")
    with pytest.raises(DataError, match=r"a\.npz is no npz file"):
        member_names(tmp_path / "a.npz")


def test_a_member_that_is_no_array_or_is_cut_short_is_refused(tmp_path):
    with zipfile.ZipFile(tmp_path / "a.npz", "w") as archive:
        archive.writestr("words.npy", b"no array")
        header = b"\x93NUMPY\x01\x00v\x00{'descr': '<f4', 'fortran_order': False, 'shape': (900,)}"
        archive.writestr("short.npy", header.ljust(127) + b"\n" + bytes(8))
    for name in ("words", "short"):
        with pytest.raises(DataError, match=f"its array '{name}' cannot be read"):
            map_member(tmp_path / "a.npz", name)


@pytest.mark.parametrize("save", [np.savez, np.savez_compressed])
def test_whatever_is_damaged_is_refused_in_words(tmp_path, save):
    save(tmp_path / "a.npz", values=np.random.default_rng(0).random(30))
    whole = (tmp_path / "a.npz").read_bytes()
    for place in range(8, len(whole) - 60):  # before the list of members
        (tmp_path / "b.npz").write_bytes(whole[:place] + b"(" + whole[place + 1 :])
        with suppress(DataError):  # what a number is may change unseen
            map_member(tmp_path / "b.npz", "values")


def test_a_member_that_is_not_there_is_refused(tmp_path):
    np.savez(tmp_path / "a.npz", features=VALUES)
    with pytest.raises(DataError, match="its array 'logits' cannot be read"):
        map_member(tmp_path / "a.npz", "logits")
