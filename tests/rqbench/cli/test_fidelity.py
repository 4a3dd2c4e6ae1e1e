"""Mirrors rqbench/cli/fidelity.py."""

import json

from rqbench.fidelity.dialects import DIALECTS
from rqbench.metrics.extractors.catalogue import EXTRACTORS


def test_protocols_are_listed_with_their_standing(rqbench):
    ended = rqbench("fidelity", "protocols")
    assert ended.status == 0
    for name, dialect in DIALECTS.items():
        assert name in ended.out
        assert dialect.protocol.sha256[:12] in ended.out
    assert "legacy is legacy-pytorch" in ended.out
    assert [told["id"] for told in json.loads(rqbench("fidelity", "protocols", "--json").out)] == [
        *DIALECTS
    ]


def test_one_protocol_is_shown_whole(rqbench):
    ended = rqbench("fidelity", "protocols", "adm")
    assert ended.status == 0
    for part in (*DIALECTS["adm"].protocol.clauses, "5000", "50,000", "from memory, unverified"):
        assert part in ended.out
    told = json.loads(rqbench("fidelity", "protocols", "adm", "--json").out)
    assert told["clauses"]["is_split_size"]["value"] == 5000


def test_the_clauses_that_differ_are_shown_beside_each_other(rqbench):
    ended = rqbench("fidelity", "diff", "torch-fidelity", "taming")
    assert ended.status == 0
    for part in ("pixels", "round", "truncate"):
        assert part in ended.out
    assert "resize" not in ended.out
    found = json.loads(rqbench("fidelity", "diff", "torch-fidelity", "truncate", "--json").out)
    assert found == [{"clause": "pixels", "first": "round", "second": "truncate"}]


def test_protocols_that_do_not_differ_are_said_to_be_alike(rqbench):
    assert "differ in no clause" in rqbench("fidelity", "diff", "legacy", "legacy-pytorch").out


def test_an_unknown_protocol_is_an_error_with_the_nearest(rqbench):
    ended = rqbench("fidelity", "diff", "clean", "tamming")
    assert ended.status == 2
    assert "Did you mean 'taming'?" in ended.err


def test_extractors_are_listed_and_one_says_how_to_get_its_weights(rqbench, torch_cache):
    ended = rqbench("fidelity", "extractors")
    assert ended.status == 0
    assert all(name in ended.out for name in EXTRACTORS)
    assert "ready" in ended.out
    alone = rqbench("fidelity", "extractors", "vgg16").out
    assert f"into {torch_cache}" in alone
    assert json.loads(rqbench("fidelity", "extractors", "vgg16", "--json").out)["dim"] == 4096
    assert "Did you mean 'vgg16'" in rqbench("fidelity", "extractors", "vgg61").err
