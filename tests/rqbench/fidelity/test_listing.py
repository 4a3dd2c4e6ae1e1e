"""Mirrors rqbench/fidelity/listing.py."""

from rqbench.fidelity.dialects import DIALECTS, MEMORY
from rqbench.fidelity.listing import as_json, list_protocols, one_protocol


def test_all_named_protocols_are_listed():
    assert [listed.protocol.id for listed in list_protocols()] == list(DIALECTS)


def test_every_clause_is_told_with_its_value_and_its_source():
    told = as_json(one_protocol("rq"))
    assert told["sha256"] == DIALECTS["rq"].protocol.sha256
    assert told["clauses"]["logits"]["value"] == "with bias"
    assert told["clauses"]["logits"]["known_from"] == MEMORY
    assert "read" in told["clauses"]["pixels"]["known_from"]


def test_a_protocol_of_ones_own_borrows_no_standing(tmp_path):
    path = tmp_path / "clean.yaml"
    path.write_text("like: clean\nid: clean\nkid_subsets: 7\n")  # by a known name
    listed = one_protocol(str(path))
    assert (listed.standing, listed.source("resize")) == ("your own", "your file")
