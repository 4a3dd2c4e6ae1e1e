"""Mirrors rqbench/sample/request.py."""

import pytest
import torch

from rqbench.errors import ConfigError, UnsupportedError
from rqbench.sample import Request
from rqbench.sample.request import class_of, wanted_classes


def test_all_classes_are_drawn_in_turn_unless_some_are_named(labelled):
    assert wanted_classes(labelled, Request()).tolist() == [0, 1]
    assert wanted_classes(labelled, Request(classes=("light",))).tolist() == [1]
    assert class_of(torch.arange(3, 8), torch.tensor([4, 9])).tolist() == [9, 4, 9, 4, 9]


def test_data_without_classes_has_none_to_ask_for(trained):
    assert wanted_classes(trained, Request()) is None
    with pytest.raises(UnsupportedError, match="without classes, so that --class has nothing"):
        wanted_classes(trained, Request(classes=("cat",)))
    with pytest.raises(UnsupportedError, match="without classes, so that --accept has nothing"):
        wanted_classes(trained, Request(accept=0.5))


def test_an_unknown_class_is_answered_with_the_nearest(labelled):
    with pytest.raises(
        ConfigError, match=r"'lihgt'\. Did you mean 'light'\? It knows: dark, light"
    ):
        wanted_classes(labelled, Request(classes=("dark", "lihgt")))


def test_a_class_named_twice_is_refused(labelled):
    with pytest.raises(ConfigError, match="'dark' is asked for twice"):
        wanted_classes(labelled, Request(classes=("dark", "dark")))
