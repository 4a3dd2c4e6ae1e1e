"""Mirrors rqbench/importing/config_file.py."""

import pytest

from rqbench.errors import CheckpointError
from rqbench.importing.config_file import find_config, find_values, read_config


@pytest.fixture
def write(tmp_path):
    def write(name, text="a: 1"):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        return path

    return write


def test_all_values_of_a_key_are_found_with_their_places():
    config = {"n": 1, "model": {"params": {"n": {"n": 2}, "of": [{"n": 3}, {"m": 4}]}}}
    assert find_values(config, "n") == {
        "n": 1,
        "model.params.n": {"n": 2},
        "model.params.n.n": 2,
        "model.params.of.0.n": 3,
    }
    assert find_values(config, "k") == {}


@pytest.mark.parametrize(
    ("files", "found"),
    [
        (["run/model.yaml", "run/config.yaml"], "run/config.yaml"),
        (["run/other.yaml", "run/last.yaml"], "run/last.yaml"),
        (["run/model.yaml", "run/other.yaml"], "run/model.yaml"),
        (["run/other.yaml"], "run/other.yaml"),
        (["run/other.yml"], "run/other.yml"),
        (["configs/1-lightning.yaml", "configs/1-project.yaml"], "configs/1-project.yaml"),
        (["configs/model.yaml", "configs/other.yaml"], "configs/model.yaml"),
        (["configs/other.yaml"], "configs/other.yaml"),
        (["run/other.yaml", "configs/1-project.yaml"], "run/other.yaml"),
        (["elsewhere/config.yaml"], None),
    ],
)
def test_a_config_is_found_where_projects_keep_it(tmp_path, write, files, found):
    for file in files:
        write(file, f"name: {file}")
    path = find_config(tmp_path / "run" / "last.ckpt")
    assert path == (None if found is None else tmp_path / found)


def test_a_given_config_comes_first(tmp_path, write):
    write("run/config.yaml")
    given = write("elsewhere/mine.yaml")
    assert find_config(tmp_path / "run" / "last.ckpt", given) == given
    with pytest.raises(CheckpointError, match=r"no\.yaml: there is no such file"):
        find_config(tmp_path / "run" / "last.ckpt", tmp_path / "no.yaml")


def test_several_that_differ_are_listed_and_equal_ones_are_one(tmp_path, write):
    write("configs/1-project.yaml")
    write("configs/2-project.yaml")
    assert find_config(tmp_path / "run" / "last.ckpt").name == "2-project.yaml"
    write("configs/3-project.yaml", "a: 2")
    with pytest.raises(CheckpointError, match=r"2-project\.yaml, .*3-project\.yaml\. Name one"):
        find_config(tmp_path / "run" / "last.ckpt")


def test_references_are_looked_up(write):
    path = write("a.yaml", "model:\n  size: ${data.size}\n  other: '${x}'\ndata: {size: 3}\n")
    assert find_values(read_config(path), "size") == {"model.size": 3, "data.size": 3}
    assert read_config(path)["model"]["other"] == "${x}"


@pytest.mark.parametrize("value", [None, "???", "${gone}", "${oc.env:SIZE,3}"])
def test_a_key_without_a_value_is_not_found(value):
    assert find_values({"a": {"n": value}, "b": {"n": 0}}, "n") == {"b.n": 0}


BOMB = "0: &0 [x]\n" + "".join(f"{i}: &{i} [{f'*{i - 1}, ' * 9}]\n" for i in range(1, 12))
"""Each line holds the one before nine times."""


@pytest.mark.parametrize(
    ("said", "text"),
    [
        ("is no YAML of plain values", "a: ["),
        ("is no YAML of plain values", "a: !!python/object/apply:os.system [ls]"),
        ("is no YAML of plain values", "a: 2024-13-45"),
        ("is no YAML of plain values", "[" * 1000),
        ("is no YAML of plain values", "a: &a {b: *a}"),
        ("more than 100,000 values", BOMB),
        ("holds no keys with values", "- a"),
        ("holds no keys with values", ""),
    ],
)
def test_a_file_of_something_else_is_told(write, said, text):
    with pytest.raises(CheckpointError, match=said) as caught:
        read_config(write("a.yaml", text))
    assert "\n" not in str(caught.value)
