"""Mirrors rqbench/data/collection.py."""

import hashlib

import pytest

from rqbench.data.collection import examine, hold_out
from rqbench.data.folder import Folder


def test_examining_gives_the_hash_or_the_fault_of_each_file_in_order(tmp_path, write):
    good = write("b.png")
    (tmp_path / "a.png").write_bytes(b"")
    write("c.png", size=(100, 15))
    results = examine(Folder(tmp_path, labels=True), resolution=64, threads=2)
    assert [result.digest for result in results] == [
        "",
        hashlib.sha256(good.read_bytes()).hexdigest(),
        "",
    ]
    assert results[0].fault == "the file is empty"
    assert results[2].fault == (
        "100 x 15 pixels are too small for crops of 64 (the shorter side must be 16 or more)"
    )


def test_a_quarter_of_the_resolution_is_just_large_enough(tmp_path, write):
    write("a.png", size=(16, 16))
    assert examine(Folder(tmp_path, labels=True), 64, 1)[0].fault == ""
    assert examine(Folder(tmp_path, labels=True), 65, 1)[0].fault != ""


def test_many_files_come_back_in_order_whatever_the_threads(tmp_path, write):
    paths = [write(f"{nth:03}.png", nth, (8, 8)) for nth in range(150)]
    hashes = [hashlib.sha256(path.read_bytes()).hexdigest() for path in paths]
    for threads in (1, 3):
        results = examine(Folder(tmp_path, labels=True), 8, threads)
        assert [result.digest for result in results] == hashes


@pytest.mark.parametrize(
    ("digests", "share", "expected"),
    [
        ("cabd", 0.5, [False, True, True, False]),
        ("cabd", 0.01, [False, True, False, False]),  # at least one
        ("caad", 0.25, [False, True, True, False]),  # equal files stay together
        ("", 0.5, []),
    ],
)
def test_the_smallest_hashes_are_held_out(digests, share, expected):
    assert hold_out(list(digests), share).tolist() == expected
