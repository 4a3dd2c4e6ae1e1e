"""Mirrors rqbench/fidelity/with_extractor.py."""

import pytest

from rqbench.errors import ConfigError
from rqbench.fidelity.dialects import DIALECTS
from rqbench.fidelity.with_extractor import feed, options_for, with_extractor
from rqbench.metrics.extractors.lite import LITE

CLEAN = DIALECTS["clean"].protocol


@pytest.mark.parametrize("name", [None, CLEAN.extractor])
def test_no_name_or_the_protocols_own_changes_nothing(name):
    assert with_extractor(CLEAN, name) is CLEAN


def test_another_network_is_fed_as_its_publisher_does_and_resized_as_before():
    found = with_extractor(CLEAN, "effnetlite0")
    assert (found.extractor, found.id) == ("effnetlite0", f"{CLEAN.id}, effnetlite0")
    assert (found.side, found.normalise) == (LITE.natural.side, LITE.natural.normalise)
    assert found.resize == CLEAN.resize
    assert found.sha256 != CLEAN.sha256


@pytest.mark.parametrize(
    ("protocol", "said"),
    [
        (CLEAN, "`--protocol clean`"),
        (with_extractor(CLEAN, "effnetlite0"), "`--protocol clean --extractor effnetlite0`"),
        (CLEAN.model_copy(update={"id": "mine"}), "`--protocol FILE`, your file of 'mine'"),
        (CLEAN.model_copy(update={"side": 64}), "`--protocol FILE`, your file of 'clean'"),
    ],
)
def test_a_command_is_asked_for_a_protocol_by_its_options_or_by_a_file(protocol, said):
    assert options_for(protocol) == said


def test_a_protocol_without_logits_takes_none_of_another_network_either():
    assert feed(CLEAN.model_copy(update={"logits": "none"}), "effnetlite0").logits == "none"


def test_an_unknown_network_is_an_error_with_the_nearest():
    with pytest.raises(ConfigError, match="Did you mean 'effnetlite0'"):
        with_extractor(CLEAN, "effnetlite")
