"""Mirrors rqbench/importing/plain_yaml.py."""

import pytest
import yaml

from rqbench.importing.plain_yaml import load_plain, without_references


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1e-8", 1e-8),
        ("1.0e-08", 1e-8),
        ("-2E3", -2000.0),
        ("4.5e-6", 4.5e-6),
        ("e5", "e5"),
        ("1e", "1e"),
        ("1e-8x", "1e-8x"),
        ("256", 256),
        ("!!python/tuple [1, 2]", [1, 2]),
    ],
)
def test_values_are_those_that_the_projects_read(text, value):
    loaded = load_plain(f"key: {text}")["key"]
    assert loaded == value
    assert type(loaded) is type(value)


def test_other_objects_of_python_are_refused():
    with pytest.raises(yaml.YAMLError):
        load_plain("!!python/object/apply:os.getcwd []")


CONFIG = {
    "width": 3,
    "model": {"size": {"a": 5, "sides": [4, 4]}, "n": 6, "list": [{"n": "${model.n}"}]},
}


@pytest.mark.parametrize(
    ("said", "found"),
    [
        ("${width}", 3),
        ("${model.size.a}", 5),
        ("${model.size.sides}", [4, 4]),
        ("${.n}", 6),
        ("${.size.a}", 5),
        ("${..width}", 3),
        ("${...width}", "${...width}"),
        ("${model.size}", "${model.size}"),
        ("${gone}", "${gone}"),
        ("${oc.env:HOME}", "${oc.env:HOME}"),
        ("x/${width}.json", "x/${width}.json"),
        ("${.said}", "${.said}"),
    ],
)
def test_a_reference_becomes_what_it_leads_to_or_stays(said, found):
    model = {**CONFIG["model"], "said": said, "again": "${model.said}"}
    looked_up = without_references({**CONFIG, "model": model})["model"]
    assert looked_up["said"] == found
    assert looked_up["again"] in (found, said)
    assert looked_up["list"] == [{"n": 6}]
    assert looked_up["size"] == CONFIG["model"]["size"]


def test_references_in_a_circle_stay():
    looked_up = without_references({"a": "${b}", "b": "${a}"})
    assert all(value.startswith("${") for value in looked_up.values())
