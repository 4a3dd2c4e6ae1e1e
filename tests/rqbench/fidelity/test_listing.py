"""Mirrors rqbench/fidelity/listing.py."""

from rqbench.fidelity.dialects import DIALECTS, MEMORY
from rqbench.fidelity.listing import (
    as_json,
    list_extractors,
    list_protocols,
    one_extractor,
    one_protocol,
)


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


def test_extractors_say_what_they_lack(torch_cache):
    listed = {each.name: each for each in list_extractors()}
    assert listed["effnetlite0"].lacks == ""
    vgg = one_extractor("vgg16")
    assert vgg == listed["vgg16"]
    assert (vgg.dim, vgg.num_classes, vgg.frechet) == (4096, 0, "fd_vgg16")
    assert "vgg16-397923af.pth" in vgg.lacks
    (torch_cache / "vgg16-397923af.pth").touch()
    assert one_extractor("vgg16").lacks == ""
