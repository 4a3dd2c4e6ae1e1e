"""Mirrors rqbench/data/photo_files.py."""

import sys
from dataclasses import replace
from importlib.metadata import version

import pytest

from rqbench.data.photo_files import DISTRIBUTIONS, PHOTO_FILES, locate
from rqbench.errors import DataError

GONE = [replace(file, file=f"data/gone_{file.name}.png") for file in PHOTO_FILES]


def test_all_photographs_are_there():
    found, missing = locate(PHOTO_FILES)
    assert list(found) == list(PHOTO_FILES) and missing == ()


def test_a_missing_photograph_is_named_with_the_version_at_hand():
    found, missing = locate((*PHOTO_FILES[:2], GONE[0]))
    assert len(found) == 2
    line = f"gone_astronaut: scikit-image {version('scikit-image')} has no data/gone_astronaut.png"
    assert missing == (line,)


def test_without_a_majority_there_is_an_error_that_says_how_to_mend():
    with pytest.raises(DataError, match=r"2 of the 4 .*gone_chelsea.*pip install"):
        locate((*PHOTO_FILES[:2], *GONE[:2]))


def test_a_package_that_is_not_installed_is_said_to_be_so(monkeypatch):
    monkeypatch.setitem(DISTRIBUTIONS, "not_here", "no-such")
    _, missing = locate((*PHOTO_FILES[:2], replace(PHOTO_FILES[0], package="not_here")))
    assert "no-such, which is not installed, has no data/astronaut.png" in missing[0]


def test_locating_imports_neither_package(monkeypatch):
    for name in ("skimage", "sklearn"):
        monkeypatch.delitem(sys.modules, name, raising=False)
    locate(PHOTO_FILES)
    assert not {"skimage", "sklearn"} & set(sys.modules)
