"""Mirrors rqbench/cli/fidelity_cache.py."""

import json

import numpy as np
import pytest

from rqbench.fidelity.chunk_store import ChunkStore, Seen


@pytest.fixture
def cache(rqbench, tmp_path, monkeypatch):
    monkeypatch.setenv("RQBENCH_CACHE", str(tmp_path))
    arrays = np.ones((1, 100_000), np.float32), np.ones((1, 1), np.float32)
    ChunkStore(tmp_path, "ab" * 32, "net, 32 px").save(["cd" * 32], [Seen(4, 4)], *arrays)
    return lambda *options: rqbench("fidelity", "cache", *options)


def test_the_cache_says_what_it_holds_and_is_emptied(cache, tmp_path):
    told = cache().out
    assert "| net, 32 px  | 1        | 0.4 |" in told
    assert told.endswith(f"0.4 MB in {tmp_path}\n")
    [features] = json.loads(cache("--json").out)["features"]
    assert (features["extractor"], features["pictures"]) == ("net, 32 px", 1)
    assert cache("--clear").out.endswith(f"0.4 MB removed from {tmp_path}\n")
    assert cache().out == f"0.0 MB in {tmp_path}\n"
