"""Mirrors rqbench/preset_listing.py."""

import json

import pytest

from rqbench.errors import UnknownPluginError
from rqbench.plugins import Plugin
from rqbench.preset_listing import list_presets

NAMES = ("small-pair", "small-gpt", "tiny", "small-dq", "small-vq")


@pytest.fixture(autouse=True)
def _offered(offer, small_presets):
    offer(small_presets)


def test_experiments_come_before_timings_before_tokenizers_before_priors():
    listing = list_presets(("tiny-speed", *NAMES))
    assert [row.name for row in listing.rows()] == [
        "tiny", "tiny-speed", "small-dq", "small-vq", "small-gpt", "small-pair"
    ]  # fmt: skip
    assert listing.broken == {}


def test_numbers_in_names_count(offer, small_presets):
    offer({name: small_presets["small-vq"] for name in ("a16", "a2", "a16-b")})
    found = [row.name for row in list_presets(("a2", "a16", "a16-b")).rows()]
    assert found == ["a2", "a16", "a16-b"]


@pytest.mark.parametrize(
    ("kind", "names"),
    [
        ("experiment", ["tiny"]),
        ("speed", ["tiny-speed"]),
        ("tokenizer", ["small-dq", "small-vq"]),
        ("prior", ["small-gpt", "small-pair"]),
    ],
)
def test_one_kind_alone(kind, names):
    assert [row.name for row in list_presets(("tiny-speed", *NAMES), kind).rows()] == names


def test_an_experiment_says_at_its_head_what_it_is_for():
    (row,) = list_presets(["tiny"]).experiments
    assert row.about.startswith("Every stage in seconds: for tests")
    assert row.as_json()["experiment"]["name"] == "tiny"


def test_a_timing_says_at_its_head_what_it_is_for():
    (row,) = list_presets(["tiny-speed"]).benches
    assert row.about.startswith("Every part of a timing in seconds on a CPU")
    told = row.as_json()
    assert (told["kind"], told["bench"]["batch"]) == ("speed", [1, 4])


def test_a_timing_that_cannot_be_read_does_not_hide_the_others(monkeypatch):
    real = Plugin.load
    monkeypatch.setattr(Plugin, "load", lambda one: None if one.name == "tiny-speed" else real(one))
    listing = list_presets(["tiny-speed", "tiny"])
    assert [row.name for row in listing.rows()] == ["tiny"]
    assert "no attribute 'read_text'" in listing.broken["tiny-speed"]


def test_an_experiment_without_a_head_is_for_what_it_expects(offer, tmp_path):
    path = tmp_path / "plain.yaml"
    path.write_text("name: plain\nexpect: Nothing.\n")
    offer({"plain": path})
    (row,) = list_presets(["plain"]).experiments
    assert row.about == "Nothing."


def test_a_row_as_json_has_what_its_kind_has():
    vq, gpt = (row.as_json() for row in list_presets(["small-vq", "small-gpt"]).models)
    json.dumps([vq, gpt])
    assert vq.keys() - gpt.keys() == {"encode_operations"}
    assert gpt.keys() - vq.keys() == {
        "cache_bf16_bytes", "cache_fp32_bytes", "condition_length", "num_conditions", "sampling",
        "sampling_operations", "sampling_operations_most", "tokenizer", "total_operations",
    }  # fmt: skip
    assert gpt["total_operations"] == gpt["sampling_operations"] + gpt["decode_operations"]
    assert (gpt["kind"], gpt["tokenizer"], gpt["resolution_px"]) == ("prior", "small-vq", 32)


def test_another_number_than_the_published_one_is_told(offer, small_presets):
    (row,) = list_presets(["small-vq"]).models
    assert not row.differs  # nothing was published to compare
    counted = row.sizes.parameters
    claims = {"right": counted, "wrong": counted + 1}
    offer(
        {
            name: small_presets["small-vq"].model_copy(update={"parameters": claim})
            for name, claim in claims.items()
        }
    )
    listing = list_presets(list(claims))
    assert {row.name: row.differs for row in listing.models} == {"right": False, "wrong": True}


def test_a_preset_that_cannot_be_counted_does_not_hide_the_others(offer, small_presets):
    offer(
        {
            "homeless": small_presets["small-gpt"].model_copy(update={"tokenizer": "small-vg"}),
            "untold": small_presets["small-vq"].model_copy(update={"type": "vqq"}),
            "pathless": "not a path",
        }
    )
    listing = list_presets(["homeless", "untold", "pathless", "small-vq"])
    assert [row.name for row in listing.rows()] == ["small-vq"]
    assert "'small-vg' is none that is known" in listing.broken["homeless"]
    assert "no attribute 'read_text'" in listing.broken["pathless"]
    assert "No tokenizer is called 'vqq'" in listing.broken["untold"]


def test_an_unknown_name_is_answered_with_the_nearest():
    with pytest.raises(UnknownPluginError, match=r"'small-vg'\. Did you mean 'small-vq'\?"):
        list_presets(["small-vg"])
    with pytest.raises(UnknownPluginError, match=r"'tiny-sped'\. Did you mean 'tiny-speed'\?"):
        list_presets(["tiny-sped"])
