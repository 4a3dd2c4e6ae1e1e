"""Mirrors rqbench/errors.py."""

import inspect

from rqbench import errors


def test_every_error_is_one_that_commands_print_without_a_traceback():
    classes = [each for _, each in inspect.getmembers(errors, inspect.isclass)]
    ours = [each for each in classes if each.__module__ == errors.__name__]
    assert len(ours) > 1
    assert all(issubclass(each, errors.RqbenchError) for each in ours)


def test_the_nearest_name_is_proposed_and_nothing_where_none_is_near():
    assert errors.did_you_mean("rastr", ["raster", "dq"]) == " Did you mean 'raster'?"
    assert errors.did_you_mean("zzz", ["raster", "dq"]) == ""
    assert errors.did_you_mean("", ["raster", "dq"]) == ""


def test_where_no_name_is_near_those_are_told_that_contain_it():
    known = ["vqgan-gpt-imagenet", "rqvae-8x8x4", "vqgan-f16-1024"]
    said = " With 'vqgan' in it: vqgan-gpt-imagenet, vqgan-f16-1024."
    assert errors.did_you_mean("vqgan", known) == said
