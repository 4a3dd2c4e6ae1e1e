"""Mirrors rqbench/importing/inert_pickle.py."""

import io
import pickle

import pytest

from rqbench.importing import inert_pickle
from rqbench.importing.inert_pickle import Inert, Unpickler

STREAMS = {
    "an instance with state": b"cgone.away\nThing\n)\x81}X\x01\x00\x00\x00aK\x01sb.",
    "a call with an argument": b"cgone.away\nmake\n(K\x01tR.",
    "a list of another class": b"\x80\x02cgone.away\nBag\n)\x81(K\x01K\x02e.",
    "a mapping of another class": b"\x80\x02cgone.away\nMap\n)\x81(K\x01K\x02u.",
    "a set of another class": b"\x80\x04cgone.away\nBag\n)\x81(K\x01K\x02\x90.",
    "a call of what was made": b"cgone.away\nmake\n)R)R.",
}


@pytest.mark.parametrize("name", STREAMS)
def test_whatever_pickles_do_with_a_missing_class_is_taken(name):
    found = Unpickler(io.BytesIO(STREAMS[name])).load()
    assert isinstance(found, Inert)
    assert vars(found) == {}


def test_a_missing_class_keeps_its_name_and_the_rest_its_values():
    stream = b"(lp0\nK\x05acgone.away\nThing\na."
    number, kind = inert_pickle.load(io.BytesIO(stream))
    assert number == 5
    assert (kind.__module__, kind.__name__) == ("gone.away", "Thing")


def test_what_is_there_is_read_as_always():
    value = {"when": pickle.PickleError, "numbers": [1, 2]}
    assert inert_pickle.load(io.BytesIO(pickle.dumps(value))) == value
