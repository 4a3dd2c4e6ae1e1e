"""Mirrors rqbench/config.py."""

from typing import Annotated

import pytest
from pydantic import Field

from rqbench.config import Config, merge, parse_config
from rqbench.errors import ConfigError


class Wheel(Config):
    radius: float = Field(1.0, gt=0)
    spokes: int = 32


class Bicycle(Config):
    name: str
    wheels: tuple[Wheel, ...] = ()
    spare: Wheel | None = None
    by_place: dict[str, Wheel] = Field(default_factory=dict)


def fault(**values):
    with pytest.raises(ConfigError) as caught:
        parse_config(Bicycle, values, "bicycle")
    return str(caught.value)


def test_values_become_a_config():
    bicycle = parse_config(Bicycle, {"name": "a", "wheels": [{"radius": "2e-1"}]}, "bicycle")
    assert bicycle == Bicycle(name="a", wheels=(Wheel(radius=0.2),))


def test_a_misspelt_key_is_named_with_the_nearest_and_all_legal_ones():
    said = fault(name="a", weels=[])
    assert said.startswith("bicycle.weels: no such key. Did you mean 'wheels'?")
    assert "Legal keys here: by_place, name, spare, wheels." in said


@pytest.mark.parametrize(
    ("values", "path"),
    [
        ({"spare": {"radus": 1}}, "bicycle.spare.radus"),
        ({"wheels": [{}, {"radus": 1}]}, "bicycle.wheels.1.radus"),
        ({"by_place": {"front": {"radus": 1}}}, "bicycle.by_place.front.radus"),
    ],
)
def test_a_misspelt_key_deep_inside_is_named_with_its_path_and_its_neighbours(values, path):
    said = fault(name="a", **values)
    assert said.startswith(f"{path}: no such key. Did you mean 'radius'?")
    assert "Legal keys here: radius, spokes." in said


def test_a_missing_key_is_named():
    assert fault() == "bicycle.name: this key is needed and is missing."


def test_a_wrong_type_and_a_value_out_of_range_are_named_with_what_stands_there():
    said = fault(name="a", spare={"spokes": "many", "radius": -1}).splitlines()
    assert len(said) == 2
    assert any(
        line.startswith("bicycle.spare.spokes: ") and "(got 'many')" in line for line in said
    )
    assert any(line.startswith("bicycle.spare.radius: ") and "(got -1)" in line for line in said)


class Lists(Config):
    few: tuple[int, ...] = Field((1,), min_length=1, max_length=2)
    one_or_more: Annotated[int, Field(ge=1)] | tuple[Annotated[int, Field(ge=1)], ...] = 1


@pytest.mark.parametrize(
    ("value", "said"),
    [
        (4, "this is a list: write its entries in brackets, with commas between them (got 4)."),
        ([], "this list is too short: it needs at least 1 (got [])."),
        ([1, 2, 3], "this list is too long: it takes at most 2 (got [1, 2, 3])."),
    ],
)
def test_what_is_wrong_with_a_list_is_said_without_tuples(value, said):
    with pytest.raises(ConfigError) as refused:
        parse_config(Lists, {"few": value}, "lists")
    assert str(refused.value) == f"lists.few: {said}"


def test_of_a_value_or_a_list_the_path_names_the_key_alone():
    with pytest.raises(ConfigError) as refused:
        parse_config(Lists, {"one_or_more": "x"}, "lists")
    number, several = str(refused.value).splitlines()
    assert number.startswith("lists.one_or_more: Input should be a valid integer")
    assert several.startswith("lists.one_or_more: this is a list")
    with pytest.raises(ConfigError, match=r"lists\.one_or_more\.1: .*greater than or equal to 1"):
        parse_config(Lists, {"one_or_more": [1, 0]}, "lists")


def test_a_config_is_frozen():
    with pytest.raises(ValueError, match="frozen"):
        Wheel().radius = 3  # type: ignore[misc]


def test_of_two_mappings_the_upper_wins_key_by_key():
    below = {"a": 1, "deep": {"x": 1, "y": 2}, "off": {"x": 1}, "list": [1, 2]}
    above = {"b": 2, "deep": {"y": 3}, "off": None, "list": [3]}
    expected = {"a": 1, "b": 2, "deep": {"x": 1, "y": 3}, "off": None, "list": [3]}
    assert merge(below, above) == expected
    assert below["deep"] == {"x": 1, "y": 2}
