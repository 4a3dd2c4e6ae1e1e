"""Mirrors rqbench/fidelity/cache_listing.py."""

import hashlib
import shutil

import numpy as np
import pytest

from rqbench.errors import DataError
from rqbench.fidelity.cache_listing import clear_cache, list_cache
from rqbench.fidelity.chunk_store import ChunkStore, Seen

DIGESTS = [hashlib.sha256(str(n).encode()).hexdigest() for n in range(5)]


@pytest.fixture
def cache(tmp_path):
    """Two chunks of one extractor, and a larger one of another."""

    def save(key, name, first, last, width):
        store, count = ChunkStore(tmp_path, key * 32, name), last - first
        features, logits = np.ones((count, width), np.float32), np.ones((count, 1), np.float32)
        store.save(DIGESTS[first:last], [Seen(4, 4)] * count, features, logits)

    save("ab", "small, 32 px", 0, 2, 3)
    save("ab", "small, 32 px", 2, 5, 3)
    save("cd", "wide, 64 px", 0, 1, 10_000)
    return tmp_path


def test_each_extractor_is_listed_with_its_pictures_and_its_size(cache):
    first, second = list_cache(cache)
    assert (first.extractor, first.pictures) == ("wide, 64 px", 1)
    assert (second.extractor, second.pictures) == ("small, 32 px", 5)
    assert 40_000 < first.size_bytes < 42_000
    assert sum(path.stat().st_size for path in cache.rglob("*.*")) == (
        first.size_bytes + second.size_bytes
    )


def test_what_is_removed_is_features_alone(cache):
    own = cache / ("12" * 8)
    own.mkdir()
    (own / "letter.txt").write_text("mine")
    (cache / "letter.txt").write_text("mine")
    (cache / ("34" * 8) / "ab").mkdir(parents=True)
    (cache / ("34" * 8) / "ab" / "letter.txt").write_text("mine")
    assert len(clear_cache(cache)) == 2
    assert sorted(path.name for path in cache.iterdir()) == [
        "12" * 8, "34" * 8, "letter.txt",
    ]  # fmt: skip
    assert (cache / ("34" * 8) / "ab" / "letter.txt").exists()
    assert list_cache(cache) == []


@pytest.mark.parametrize("words", ["", "{", "{}", "[]", "\xff"])
def test_a_damaged_chunk_hides_no_other_and_goes_with_them(cache, words):
    (damaged,) = (cache / ("cd" * 8)).glob("*/*/manifest.json")
    damaged.write_bytes(words.encode("latin-1"))
    first, second = list_cache(cache)
    assert (first.extractor, first.pictures) == ("unknown", 0)
    assert (second.extractor, second.pictures) == ("small, 32 px", 5)
    assert len(clear_cache(cache)) == 2
    assert list_cache(cache) == []


def test_what_a_stopped_process_left_of_its_only_chunk_goes_too(tmp_path):
    left = tmp_path / ("ab" * 8) / "cd" / f".{'cd' * 32}.123.part"
    left.mkdir(parents=True)
    (left / "features.npy").write_bytes(bytes(40))
    [found] = clear_cache(tmp_path)
    assert (found.pictures, found.size_bytes) == (0, 40)
    assert list(tmp_path.iterdir()) == []


def test_what_cannot_be_removed_is_told_after_the_rest_has_gone(cache, monkeypatch):
    busy, remove = cache / ("cd" * 8), shutil.rmtree  # the larger, so it comes first

    def refuse(folder):
        if folder == busy:
            raise OSError(39, "Directory not empty", str(folder / "ab"))
        remove(folder)

    monkeypatch.setattr(shutil, "rmtree", refuse)
    with pytest.raises(DataError, match=r"1 of 2 folders .*cdcd/ab'\. Another process.*again"):
        clear_cache(cache)
    assert [each.folder for each in list_cache(cache)] == [busy]


def test_a_link_is_not_ours(cache):
    (cache / ("ef" * 8)).symlink_to(cache / ("cd" * 8))
    assert len(clear_cache(cache)) == 2
    assert [path.name for path in cache.iterdir()] == ["ef" * 8]


def test_no_cache_is_an_empty_one(tmp_path):
    assert list_cache(tmp_path / "none") == []
