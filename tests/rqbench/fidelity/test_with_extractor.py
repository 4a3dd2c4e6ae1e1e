"""Mirrors rqbench/fidelity/with_extractor.py."""

import pytest

from rqbench.errors import ConfigError
from rqbench.fidelity.dialects import DIALECTS
from rqbench.fidelity.with_extractor import with_extractor
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


def test_an_unknown_network_is_an_error_with_the_nearest():
    with pytest.raises(ConfigError, match="Did you mean 'effnetlite0'"):
        with_extractor(CLEAN, "effnetlite")
