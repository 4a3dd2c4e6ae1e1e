"""Mirrors rqbench/cli/presets.py and preset_tables.py."""

import json

import pytest
import yaml
from rich.console import Console

from rqbench.cli.output import PIPE_WIDTH
from rqbench.cli.preset_tables import tables
from rqbench.model_preset import model_presets
from rqbench.plugins import installed
from rqbench.preset_listing import list_presets
from rqbench.speed.bench import load_bench

SMALL = ("small-vq", "small-dq", "small-gpt", "small-pair")


@pytest.fixture(autouse=True)
def _offered(offer, small_presets):
    offer(small_presets)


def test_a_table_for_each_kind(rqbench):
    ended = rqbench("presets", "tiny", "tiny-speed", *SMALL)
    assert ended.status == 0
    wanted = ["Experiments", "For `rqbench speed --preset`", "Tokenizers", "Priors"]
    assert [line.strip() for line in ended.out.splitlines() if line.strip() in wanted] == wanted
    (gpt,) = (line.split() for line in ended.out.splitlines() if line.startswith(" small-gpt"))
    assert gpt[2:5] == ["2", "8x8x1,", "k=8"]
    (pair,) = (line.split() for line in ended.out.splitlines() if line.startswith(" small-pair"))
    assert pair[2] == "1+3"
    assert "~400" in pair


@pytest.mark.parametrize("width", [110, 80, 45])
def test_what_is_shown_is_whole_and_what_has_no_room_is_named(width):
    listing = list_presets(SMALL)
    console = Console(width=width)
    with console.capture() as kept:
        for shown in tables(listing, console):
            console.print(shown)
    told = kept.get()
    assert max(map(len, told.splitlines())) <= width
    assert "…" not in told
    assert ("Too wide for here" in told) == (width < 80)
    if width >= 80:
        for row in listing.models:
            (line,) = (line for line in told.splitlines() if line.startswith(f" {row.name} "))
            assert f" {row.sizes.parameters:,} " in line


def test_where_names_have_no_room_they_are_folded():
    console = Console(width=24)
    with console.capture() as kept:
        for shown in tables(list_presets(["small-pair"]), console):
            console.print(shown)
    first = kept.get().splitlines()
    folded = "".join(line[1:8].strip() for line in first if line.startswith(" "))
    assert "…" not in kept.get()
    assert "small-pair" in folded


@pytest.mark.slow
def test_tables_fit_into_a_pipe_and_show_every_name_whole(rqbench):
    ended = rqbench("presets")
    assert ended.status == 0
    lines = ended.out.splitlines()
    assert max(map(len, lines)) <= PIPE_WIDTH
    shown = {line.split()[0].rstrip("*") for line in lines if line.strip()}
    assert installed("preset").keys() | installed("speed preset").keys() <= shown


def test_one_kind_alone(rqbench):
    ended = rqbench("presets", "--kind", "prior", *SMALL)
    assert "small-gpt" in ended.out
    assert "small-vq" not in ended.out


def test_json_is_a_list_of_objects(rqbench):
    ended = rqbench("presets", "tiny", *SMALL, "--json")
    assert ended.status == 0
    rows = json.loads(ended.out)
    assert [row["name"] for row in rows if row["kind"] == "prior"] == ["small-gpt", "small-pair"]
    assert {row["name"] for row in rows} == {"tiny", *SMALL}


def test_one_name_shows_everything_with_a_config_that_can_be_pasted(rqbench, tmp_path):
    ended = rqbench("presets", "small-gpt")
    head, short, long = ended.out.split("\n# ")
    assert "a test" in head
    assert yaml.safe_load(f"# {short}") == {"priors": {"small-gpt": {"preset": "small-gpt"}}}
    preset = model_presets()["small-gpt"]
    assert yaml.safe_load(f"# {long}") == {
        "priors": {
            "small-gpt": {"type": "raster", "config": preset.config, "sampling": preset.sampling}
        }
    }


def test_one_experiment_is_shown_as_its_file(rqbench):
    assert yaml.safe_load(rqbench("presets", "tiny").out)["name"] == "tiny"


def test_one_timing_is_shown_as_its_file(rqbench):
    assert yaml.safe_load(rqbench("presets", "tiny-speed").out) == load_bench("tiny-speed")


def test_a_count_that_differs_from_the_published_one_fails(rqbench, offer, small_presets):
    offer({"claimed": small_presets["small-vq"].model_copy(update={"parameters": 123})})
    for asked in (("claimed", "small-vq"), ("claimed", "--json")):
        ended = rqbench("presets", *asked)
        assert ended.status == 1
        assert "claimed: rqbench counts" in ended.err
        assert "and 123 were published (all)" in ended.err
    assert "published:" in rqbench("presets", "claimed", "small-vq").out


def test_what_is_not_verified_is_said_in_the_foot(rqbench, offer, small_presets):
    offer({"hearsay": small_presets["small-vq"].model_copy(update={"unverified": "the depth"})})
    assert "- hearsay: the depth" in rqbench("presets", "hearsay", "small-vq").out
    assert "hearsay*" in rqbench("presets", "hearsay", "small-vq").out


def test_a_preset_that_cannot_be_counted_fails_by_name(rqbench, offer, small_presets):
    offer({"lost": small_presets["small-vq"].model_copy(update={"type": "vqq"})})
    ended = rqbench("presets", "lost", "small-vq")
    assert ended.status == 1
    assert "failed lost: " in ended.err


def test_an_unknown_name_is_a_wrong_request(rqbench):
    ended = rqbench("presets", "small-vg")
    assert ended.status == 2
    assert "Did you mean 'small-vq'?" in ended.err


def test_a_part_of_names_is_answered_with_those_that_have_it(rqbench):
    ended = rqbench("presets", "vqgan")
    assert ended.status == 2
    assert "With 'vqgan' in it: rq-throughput-vqgan-huge, " in ended.err


def test_an_experiment_is_not_asked_by_the_name_of_a_model(rqbench):
    ended = rqbench("compare", "--preset", "small-vq")
    assert ended.status == 2
    assert "tokenizers: {NAME: {preset: small-vq}}" in ended.err
