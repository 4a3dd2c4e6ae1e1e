"""Mirrors rqbench/fidelity/chunk_store.py."""

import hashlib
import os
from pathlib import Path

import numpy as np
import pytest

from rqbench.fidelity import chunk_store as module
from rqbench.fidelity.chunk_store import MEAN, MOST, ChunkStore, Seen, cut, default_cache

DIGESTS = [hashlib.sha256(str(n).encode()).hexdigest() for n in range(20000)]
SEEN = [Seen(4, 6, "PNG", "RGB"), Seen(fault="it is broken"), Seen(5, 5, "JPEG", "L")]
FEATURES, LOGITS = np.eye(2, 3, dtype=np.float32), np.ones((2, 1), np.float32)


def test_chunks_cover_all_pictures_once_and_are_of_some_hundreds():
    chunks = cut(DIGESTS)
    assert [index for chunk in chunks for index in range(20000)[chunk]] == list(range(20000))
    lengths = [chunk.stop - chunk.start for chunk in chunks]
    assert max(lengths) <= MOST
    assert MEAN / 2 < np.mean(lengths) < MOST


def test_a_chunk_ends_where_a_digest_says_so_or_when_it_is_full():
    ends, goes_on = f"{7 * MEAN:08x}" + "1" * 56, f"{7 * MEAN + 1:08x}" + "1" * 56
    assert cut([goes_on, ends, goes_on]) == [slice(0, 2), slice(2, 3)]
    assert cut([goes_on] * (MOST + 1)) == [slice(0, MOST), slice(MOST, MOST + 1)]
    assert cut([]) == []


def test_what_was_saved_is_found_by_the_digests_and_the_extractor(tmp_path):
    store = ChunkStore(tmp_path, "ab" * 32, "net")
    assert store.find(DIGESTS[:3]) is None
    saved = store.save(DIGESTS[:3], SEEN, FEATURES, LOGITS)
    found = store.find(DIGESTS[:3])
    assert (list(found.seen), found.part.count) == (SEEN, 2)
    for chunk in (saved, found):
        features, logits = chunk.part.load()
        assert isinstance(features, np.memmap)
        assert np.array_equal(features, FEATURES)
        assert np.array_equal(logits, LOGITS)
    assert store.find(DIGESTS[1:3]) is None
    assert store.find(DIGESTS[2::-1]) is None
    assert ChunkStore(tmp_path, "cd" * 32, "net").find(DIGESTS[:3]) is None


def test_a_chunk_without_one_good_picture_is_kept_too(tmp_path):
    store = ChunkStore(tmp_path, "ab" * 32, "net")
    store.save(DIGESTS[:1], SEEN[1:2], FEATURES[:0], LOGITS[:0])
    assert store.find(DIGESTS[:1]).part.load()[0].shape == (0, 3)


def test_of_two_processes_that_write_the_same_the_first_stands(tmp_path):
    store = ChunkStore(tmp_path, "ab" * 32, "net")
    store.save(DIGESTS[:3], SEEN, FEATURES, LOGITS)
    store.save(DIGESTS[:3], SEEN, FEATURES, LOGITS)
    assert store.find(DIGESTS[:3]).part.count == 2
    assert not list(tmp_path.rglob("*.part"))


def test_what_cannot_be_written_is_an_error(tmp_path, monkeypatch):
    def full(*_):
        raise OSError("No space left on device")

    monkeypatch.setattr(np, "save", full)
    with pytest.raises(OSError, match="No space left"):
        ChunkStore(tmp_path, "ab" * 32, "net").save(DIGESTS[:3], SEEN, FEATURES, LOGITS)
    assert not any(path.is_file() for path in tmp_path.rglob("*"))


def test_a_damaged_chunk_is_removed(tmp_path):
    store = ChunkStore(tmp_path, "ab" * 32, "net")
    store.save(DIGESTS[:3], SEEN, FEATURES, LOGITS)
    [path] = tmp_path.rglob("logits.npy")
    os.truncate(path, 100)
    assert store.find(DIGESTS[:3]) is None
    assert not path.exists()
    store.save(DIGESTS[:3], SEEN, FEATURES, LOGITS)
    assert store.find(DIGESTS[:3]) is not None


def test_a_damaged_chunk_that_another_process_has_replaced_stays(tmp_path, monkeypatch):
    store = ChunkStore(tmp_path, "ab" * 32, "net")
    store.save(DIGESTS[:3], SEEN, FEATURES, LOGITS)
    [path] = tmp_path.rglob("logits.npy")
    whole = path.read_bytes()
    os.truncate(path, 100)
    check = module.check_seal

    def check_and_lose_the_race(folder):
        try:
            check(folder)
        finally:
            if path.exists():
                path.write_bytes(whole)

    monkeypatch.setattr(module, "check_seal", check_and_lose_the_race)
    assert store.find(DIGESTS[:3]) is None
    assert store.find(DIGESTS[:3]).part.count == 2
    assert [each.name for each in path.parent.parent.iterdir()] == [path.parent.name]


def test_a_chunk_that_appears_while_it_is_looked_for_stays(tmp_path, monkeypatch):
    store = ChunkStore(tmp_path, "ab" * 32, "net")

    def appear(folder):
        monkeypatch.undo()
        store.save(DIGESTS[:3], SEEN, FEATURES, LOGITS)
        return False

    monkeypatch.setattr(Path, "exists", appear)
    assert store.find(DIGESTS[:3]) is None
    assert store.find(DIGESTS[:3]).part.count == 2


def test_the_cache_lies_where_the_user_or_the_platform_says(monkeypatch):
    monkeypatch.delenv("RQBENCH_CACHE", raising=False)
    monkeypatch.delenv("XDG_CACHE_HOME", raising=False)
    assert default_cache() == Path.home() / ".cache" / "rqbench" / "features"
    monkeypatch.setenv("XDG_CACHE_HOME", "/caches")
    assert default_cache() == Path("/caches/rqbench/features")
    monkeypatch.setenv("RQBENCH_CACHE", "/mine")
    assert default_cache() == Path("/mine")
