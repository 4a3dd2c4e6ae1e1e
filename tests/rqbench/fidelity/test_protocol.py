"""Mirrors rqbench/fidelity/protocol.py."""

import torch

from rqbench.fidelity.protocol import FidelityProtocol, describe_clause, diff
from rqbench.metrics.extractor import Extractor

PLAIN = FidelityProtocol(id="plain")


def test_any_clause_changes_the_digest_and_the_title_does_not():
    changed = [
        PLAIN.model_copy(update=update)
        for update in ({"id": "other"}, {"pixels": "float"}, {"is_split_size": 5000}, {"side": 224})
    ]
    assert len({PLAIN.sha256, *(each.sha256 for each in changed)}) == 5
    assert PLAIN.model_copy(update={"title": "anybody's"}).sha256 == PLAIN.sha256
    assert len(PLAIN.sha256) == 64


def test_the_clauses_that_differ_are_listed_with_both_values():
    other = FidelityProtocol(id="other", title="other", pixels="truncate", neighbours=5)
    assert diff(PLAIN, other) == [("pixels", "round", "truncate"), ("neighbours", 3, 5)]
    assert diff(PLAIN, FidelityProtocol(id="same clauses")) == []


def test_every_clause_says_what_it_is():
    assert all(describe_clause(name) for name in PLAIN.clauses)


def test_a_record_says_which_extractor_served_and_how_many_pictures():
    extractor = Extractor(
        "inception-v3-compat@12345678", "1234", 3, 0, PLAIN, lambda picture: picture,
        torch.nn.Identity(), torch.device("cpu"),
    )  # fmt: skip
    said = PLAIN.record_protocol(extractor, 50)
    assert said.id == "plain"
    assert said.clauses["extractor"] == "inception-v3-compat@12345678"
    assert said.clauses["extractor_weights_sha256"] == "1234"
    assert said.clauses["n"] == 50
    assert said.clauses["is_shuffle"] == "yes"
    assert "is_split_size" not in said.clauses  # it was not given
    assert set(PLAIN.clauses) - {"is_split_size", "num_samples"} < set(said.clauses)
