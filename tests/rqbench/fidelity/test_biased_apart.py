"""Mirrors rqbench/fidelity/biased_apart.py."""

import pytest

from rqbench.fidelity.biased_apart import biased_apart, note_of

BY_COUNT = {"fid", "inception_score", "recall", "coverage"}


@pytest.fixture
def crops(normal_set, of_photographs):
    """Eight pictures, of so many photographs."""
    return lambda count: of_photographs(
        normal_set(8, name="crops"), [f"{place % count}" for place in range(8)]
    )


def test_equally_many_pictures_can_be_compared(normal_set, crops):
    for first, second in ((normal_set(8), normal_set(8)), (crops(2), crops(2))):
        assert biased_apart(first, second) == set()
        assert note_of(first, second) == ""


def test_the_number_of_pictures_biases_some_scores(normal_set):
    few, more = normal_set(7, name="few"), normal_set(8, name="more")
    assert biased_apart(few, more) == BY_COUNT
    said = "7 pictures in few and 8 pictures in more: plain Fréchet distances, Inception scores"
    assert note_of(few, more).startswith(said)


def test_crops_differ_from_as_many_pictures_and_from_crops_of_more_photographs(normal_set, crops):
    assert biased_apart(crops(2), normal_set(8)) == {*BY_COUNT, "kid"}
    assert biased_apart(crops(2), crops(3)) == {*BY_COUNT, "kid"}
    assert note_of(crops(2), normal_set(8, name="all")).startswith(
        "8 pictures of 2 photographs in crops and 8 pictures in all: plain Fréchet distances, kern"
    )
