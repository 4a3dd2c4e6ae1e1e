"""Mirrors rqbench/fidelity/find_protocol.py."""

import json

import pytest

from rqbench.errors import ConfigError
from rqbench.fidelity.dialects import DIALECTS
from rqbench.fidelity.find_protocol import find_protocol
from rqbench.fidelity.protocol import diff
from rqbench.fidelity.with_extractor import with_extractor


def test_a_protocol_has_a_name_and_may_have_another():
    assert find_protocol("clean") == DIALECTS["clean"].protocol
    assert find_protocol("legacy") == DIALECTS["legacy-pytorch"].protocol


def test_an_unknown_name_is_answered_with_the_nearest():
    with pytest.raises(ConfigError, match=r"'torch-fidelty'\. Did you mean 'torch-fidelity'"):
        find_protocol("torch-fidelty")


def test_a_file_changes_clauses_of_a_named_protocol(tmp_path):
    path = tmp_path / "mine.yaml"
    path.write_text("id: mine\nlike: clean\nkid_subsets: 10\n")
    found = find_protocol(str(path))
    assert (found.id, found.title) == ("mine", "")
    assert diff(DIALECTS["clean"].protocol, found) == [("kid_subsets", 100, 10)]


@pytest.mark.parametrize("like", ["", "like: torch-fidelity\n", "like: rq\n"])
def test_another_network_in_a_file_is_fed_as_by_the_option_extractor(tmp_path, like):
    path = tmp_path / "mine.yaml"
    path.write_text(f"id: mine\n{like}extractor: effnetlite0\n")
    base = DIALECTS["rq" if "rq" in like else "torch-fidelity"].protocol
    assert diff(with_extractor(base, "effnetlite0"), find_protocol(str(path))) == []


def test_what_a_file_says_of_a_network_goes_before_what_its_publisher_does(tmp_path):
    path = tmp_path / "mine.yaml"
    path.write_text("like: torch-fidelity\nextractor: effnetlite0\nside: 224\n")
    found = find_protocol(str(path))
    assert (found.id, found.side, found.normalise) == ("like torch-fidelity", 224, "(x-127)/128")


def test_what_was_printed_as_json_is_read_again(tmp_path):
    path = tmp_path / "rq.json"
    path.write_text(json.dumps(DIALECTS["rq"].protocol.model_dump()))
    assert find_protocol(str(path)) == DIALECTS["rq"].protocol


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("id: x\nneighbors: 5", r"neighbors: no such key. Did you mean 'neighbours'"),
        ("kid_subsets: 10", r"id: this key is needed"),
        ("id: x\nextractor: vgg61", r"No extractor is called 'vgg61'"),
        ("id: x\nextractor: [vgg16]", r"No extractor is called"),
        ("id: x\nlike: cleann", r"Did you mean 'clean'"),
        ("just words", r"holds no protocol"),
        ("{", r"cannot be read as a protocol"),
    ],
)
def test_a_file_that_is_no_protocol_is_refused(tmp_path, text, said):
    path = tmp_path / "mine.yml"
    path.write_text(text)
    with pytest.raises(ConfigError, match=said):
        find_protocol(str(path))


def test_a_file_that_is_not_there_is_named(tmp_path):
    with pytest.raises(ConfigError, match=r"gone.yaml cannot be read"):
        find_protocol(str(tmp_path / "gone.yaml"))
