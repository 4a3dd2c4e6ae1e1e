"""Mirrors rqbench/sample/folder.py."""

import pytest

from rqbench.errors import ConfigError
from rqbench.sample.folder import SampleFolder

FACTS = {"seed": 0, "num": 2, "batch": 4, "sampling": {"top_k": (2, 1)}}


def begun(root, **changes):
    folder = SampleFolder(root, {**FACTS, **changes})
    folder.begin()
    folder.blocks.mkdir(exist_ok=True)
    return folder


def test_another_request_is_refused_and_told_what_differs(tmp_path):
    begun(tmp_path / "a")
    with pytest.raises(ConfigError, match=r"seed 0, not 1; num 2, not 3\. Ask for the same"):
        begun(tmp_path / "a", seed=1, num=3)


def test_the_same_request_goes_on_with_any_batch(tmp_path):
    begun(tmp_path / "a")
    assert not begun(tmp_path / "a", batch=9).is_complete()


def test_a_request_that_was_stopped_before_anything_was_drawn_binds_nobody(tmp_path):
    SampleFolder(tmp_path / "a", FACTS).begin()
    SampleFolder(tmp_path / "a", {**FACTS, "seed": 1})
    (tmp_path / "a" / "samples.json").write_text("mine")
    with pytest.raises(ConfigError, match="holds no samples of rqbench"):
        SampleFolder(tmp_path / "a", FACTS)


def test_a_folder_of_something_else_is_left_alone(tmp_path):
    (tmp_path / "mine.txt").write_text("x")
    with pytest.raises(ConfigError, match="holds no samples of rqbench"):
        SampleFolder(tmp_path, FACTS)


def test_a_closed_folder_is_complete_until_a_file_changes(tmp_path):
    folder = begun(tmp_path / "a")
    (folder.root / "x.png").write_bytes(b"x")
    folder.close(["x.png"], {"kept": 2})
    again = SampleFolder(tmp_path / "a", FACTS)
    assert again.is_complete()
    assert again.found == {"kept": 2}
    assert not folder.blocks.exists()
    (folder.root / "x.png").write_bytes(b"y")
    assert not again.is_complete()
