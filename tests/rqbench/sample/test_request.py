"""Mirrors rqbench/sample/request.py."""

from dataclasses import replace

import pytest
import torch

from rqbench.choice import Sampling
from rqbench.condition_spec import ConditionSpec
from rqbench.errors import ConfigError, UnsupportedError
from rqbench.plugins import find
from rqbench.sample import Request, load_system
from rqbench.sample.request import check_depths, condition_of, labels_of, wanted_conditions


def test_all_classes_are_drawn_in_turn_unless_some_are_named(labelled):
    assert wanted_conditions(labelled, Request()).tolist() == [[0], [1]]
    assert wanted_conditions(labelled, Request(classes=("light",))).tolist() == [[1]]
    drawn = condition_of(torch.arange(3, 8), torch.tensor([[4], [9]]))
    assert drawn.flatten().tolist() == [9, 4, 9, 4, 9]


def test_data_without_classes_has_none_to_ask_for(trained):
    assert wanted_conditions(trained, Request()) is None
    with pytest.raises(UnsupportedError, match="without classes, so that --class has nothing"):
        wanted_conditions(trained, Request(classes=("cat",)))
    with pytest.raises(UnsupportedError, match="without classes, so that --accept has nothing"):
        wanted_conditions(trained, Request(accept=0.5))


def test_an_unknown_class_is_answered_with_the_nearest(labelled):
    with pytest.raises(
        ConfigError, match=r"'lihgt'\. Did you mean 'light'\? It knows: dark, light"
    ):
        wanted_conditions(labelled, Request(classes=("dark", "lihgt")))


def test_a_setting_for_each_depth_needs_as_many_values():
    check_depths(Sampling(top_k=(5, 4, 3), top_p=(0.9,)), depth=3)
    check_depths(Sampling(top_k=5), depth=3)
    with pytest.raises(ConfigError, match=r"top_p has 2 values, and stacks are 3 deep\. Give one"):
        check_depths(Sampling(top_p=(0.9, 0.8)), depth=3)


def test_a_class_named_twice_is_refused(labelled):
    with pytest.raises(ConfigError, match="'dark' is asked for twice"):
        wanted_conditions(labelled, Request(classes=("dark", "dark")))


def conditioned(system, length, vocab_size=10):
    """The same system, as if its prior read captions."""
    prior = (
        find("prior", "raster").load().tiny(system.prior.layout, ConditionSpec(vocab_size, length))
    )
    return replace(system, prior=prior, entry=system.entry.model_copy(update={"class_names": None}))


def test_classes_without_names_are_asked_for_by_number(imported):
    system = load_system(imported)
    assert wanted_conditions(system, Request(classes=("2", "0"))).tolist() == [[2], [0]]
    with pytest.raises(ConfigError, match=r"knows no class '3'\..* It knows: 0, 1, 2"):
        wanted_conditions(system, Request(classes=("3",)))


def test_rejection_needs_the_images_of_the_training(imported):
    with pytest.raises(UnsupportedError, match="was not trained here, so that the training images"):
        wanted_conditions(load_system(imported), Request(accept=0.5))


def test_conditions_that_are_no_classes_must_be_given(imported):
    system = conditioned(load_system(imported), length=2)
    rows = torch.tensor([[1, 2], [3, 9]])
    assert wanted_conditions(system, Request(), rows) is rows
    with pytest.raises(UnsupportedError, match="for a condition of 2 integers below 10, such as a"):
        wanted_conditions(system, Request())


@pytest.mark.parametrize(
    ("rows", "request_", "said"),
    [
        (torch.zeros(4, 3, dtype=torch.int64), Request(), "of 2 integers, .* 4 rows of 3"),
        (torch.zeros(0, 2, dtype=torch.int64), Request(), "0 rows of 2"),
        (torch.tensor([[0, 10]]), Request(), "from 0 to 9, and the given ones run from 0 to 10"),
        (torch.tensor([[-1, 2]]), Request(), "run from -1 to 2"),
        (torch.tensor([[1, 2]]), Request(classes=("1",)), "--class and --condition both say"),
    ],
)
def test_conditions_that_do_not_fit_are_refused(imported, rows, request_, said):
    with pytest.raises(ConfigError, match=said):
        wanted_conditions(conditioned(load_system(imported), length=2), request_, rows)


def test_a_prior_without_condition_takes_none(trained):
    with pytest.raises(UnsupportedError, match="so that --condition has nothing to go by"):
        wanted_conditions(trained, Request(), torch.zeros(1, 1, dtype=torch.int64))


def test_labels_are_told_of_classes_alone():
    images = torch.arange(3)
    assert labels_of(images, torch.tensor([[5], [7]])).tolist() == [5, 7, 5]
    assert labels_of(images, torch.tensor([[5, 1], [7, 1]])) is None
    assert labels_of(images, None) is None
