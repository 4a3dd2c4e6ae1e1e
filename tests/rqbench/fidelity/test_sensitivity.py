"""Mirrors rqbench/fidelity/sensitivity.py."""

from dataclasses import replace

import numpy as np
import pytest

from rqbench.errors import ConfigError, UnsupportedError
from rqbench.fidelity import sensitivity as module
from rqbench.fidelity.dialects import DIALECTS
from rqbench.fidelity.open_pictures import open_pictures
from rqbench.fidelity.score import Effort, Source
from rqbench.fidelity.sensitivity import sensitivity
from rqbench.fidelity.stats import write_stats


@pytest.fixture
def find(monkeypatch, colours, write_noise, tmp_path):
    """All protocols, of which those that are `absent` lack their weights."""

    def load(protocol, device, weights):
        if protocol.extractor in absent:
            raise UnsupportedError(f"no weights of {protocol.extractor}")
        return colours

    absent: list[str] = []
    monkeypatch.setattr(module, "load_extractor", load)
    real, fake = write_noise("real", 20), write_noise("fake", 20, seed=1)

    def run(*names, extractor=None, weights=None):
        absent[:] = names
        effort = Effort(tmp_path / "cache", workers=1)
        return sensitivity(Source(real), Source(fake), extractor, "cpu", weights, effort=effort)

    return run


def test_protocols_that_are_one_for_8_bit_pictures_are_scored_once(find):
    found = find()
    assert "torch-fidelity, taming, truncate" in found.scorings
    assert sorted(", ".join(found.scorings).split(", ")) == sorted(DIALECTS)


def test_the_spread_is_the_least_and_the_greatest_value(find):
    found = find()
    values = [
        rated.value
        for each in found.scorings.values()
        for rated in each.rated[0]
        if rated.score == "inception_score"
    ]
    assert found.spread("inception_score") == (min(values), max(values))
    assert min(values) < max(values)  # protocols split pictures in two ways


def test_what_lacks_its_weights_is_left_out_by_all_its_names(find):
    found = find("inception-v3-compat")
    assert found.left_out["torch-fidelity, taming, truncate"] == (
        "no weights of inception-v3-compat"
    )
    assert "offline" in found.scorings


def test_where_none_applies_each_says_why(find):
    everything = {dialect.protocol.extractor for dialect in DIALECTS.values()}
    with pytest.raises(ConfigError, match="offline: no weights of effnetlite0"):
        find(*everything)


def test_one_network_for_all_leaves_out_protocols_whose_resizer_it_cannot_have(find):
    found = find(extractor="effnetlite0")
    assert not any("offline" in name for name in found.left_out)
    names = ", ".join([*found.scorings, *found.left_out]).split(", ")
    assert sorted(names) == sorted(DIALECTS)
    assert all(each.protocol.extractor == "effnetlite0" for each in found.scorings.values())


def test_weights_need_the_network_that_they_are_of(find, tmp_path):
    with pytest.raises(ConfigError, match="--weights"):
        find(weights=tmp_path / "weights.pth")


def test_statistics_of_one_protocol_leave_out_those_that_they_do_not_fit(
    find, colours, write_noise, tmp_path
):
    find()  # so that all weights are there
    fake, saved = write_noise("others", 20, seed=2), tmp_path / "saved.npz"
    clean = DIALECTS["clean"].protocol
    write_stats(open_pictures(fake), clean, colours, saved, cache=tmp_path / "cache", workers=1)
    effort = Effort(tmp_path / "cache", workers=1)
    found = sensitivity(Source(saved), Source(fake), None, "cpu", effort=effort)
    assert list(found.scorings) == ["clean"]
    assert "was made by the protocol clean" in found.left_out["offline"]


def test_all_protocols_are_against_the_pictures_of_a_file_that_holds_statistics_too(
    monkeypatch, colours, write_noise, tmp_path
):
    def load(protocol, device, weights):
        return replace(colours, name=protocol.extractor)

    monkeypatch.setattr(module, "load_extractor", load)
    noise = np.random.default_rng(0).integers(0, 256, (20, 32, 32, 3), np.uint8)
    np.savez(tmp_path / "both.npz", arr_0=noise, mu=np.zeros(6), sigma=np.eye(6))
    fake, effort = Source(write_noise("fake", 20)), Effort(tmp_path / "cache", workers=1)
    found = sensitivity(Source(tmp_path / "both.npz"), fake, None, "cpu", effort=effort)
    assert "adm" in found.scorings
    assert all(each.reference.given is None for each in found.scorings.values())
