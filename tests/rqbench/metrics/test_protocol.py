"""Mirrors rqbench/metrics/protocol.py."""

import hashlib

import pytest

from rqbench.metrics.protocol import Protocol


def test_the_hash_is_that_of_the_canonical_json():
    protocol = Protocol(id="psnr", clauses={"split": "test", "n": 64})
    text = b'{"clauses":{"n":64,"split":"test"},"id":"psnr"}'
    assert protocol.hash == hashlib.sha256(text).hexdigest()[:12]


def test_the_order_of_clauses_does_not_matter_and_their_values_do():
    first = Protocol(id="a", clauses={"x": 1, "y": "float"})
    assert first.hash == Protocol(id="a", clauses={"y": "float", "x": 1}).hash
    others = [
        Protocol(id="b", clauses=first.clauses),
        Protocol(id="a", clauses={"x": 2, "y": "float"}),
        Protocol(id="a", clauses={"x": 1}),
    ]
    assert len({first.hash, *(other.hash for other in others)}) == 4


def test_a_clause_that_is_no_number_cannot_be_hashed():
    with pytest.raises(ValueError, match="JSON"):
        _ = Protocol(id="a", clauses={"x": float("nan")}).hash
