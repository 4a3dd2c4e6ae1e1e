"""Mirrors rqbench/fidelity/dialects.py."""

import inspect

import pytest

from rqbench.fidelity.dialects import ALIASES, DIALECTS, MEMORY
from rqbench.fidelity.protocol import diff
from rqbench.metrics.extractor import find_extractor
from rqbench.metrics.extractors.catalogue import check_clauses
from rqbench.metrics.libraries import library


@pytest.mark.parametrize("name", DIALECTS)
def test_each_can_be_carried_out_and_speaks_of_its_own_clauses_only(name):
    dialect = DIALECTS[name]
    check_clauses(dialect.protocol)
    assert set(dialect.known) <= set(dialect.protocol.clauses)
    assert dialect.protocol.title


def test_published_numbers_have_their_dialects():
    wanted = {"torch-fidelity", "clean", "legacy", "adm", "rq", "taming", "truncate"}
    assert wanted <= {*DIALECTS, *ALIASES}
    assert set(ALIASES.values()) <= set(DIALECTS)


def test_settings_of_torch_fidelity_are_its_defaults():
    defaults = library("torch_fidelity.defaults").DEFAULTS
    clauses = DIALECTS["torch-fidelity"].protocol.clauses
    for ours, theirs in {
        "kid_subsets": "kid_subsets", "kid_subset_size": "kid_subset_size", "kid_seed": "rng_seed",
        "is_splits": "isc_splits", "is_shuffle": "samples_shuffle", "is_seed": "rng_seed",
        "neighbours": "prc_neighborhood",
    }.items():  # fmt: skip
        assert clauses[ours] == defaults[theirs]


def test_settings_of_clean_are_its_defaults():
    settings = inspect.signature(library("cleanfid.fid").kernel_distance).parameters
    clauses = DIALECTS["clean"].protocol.clauses
    assert clauses["kid_subsets"] == settings["num_subsets"].default
    assert clauses["kid_subset_size"] == settings["max_subset_size"].default


def test_offline_is_what_compare_does_without_inception(torch_cache):
    found, offline = find_extractor().protocol, DIALECTS["offline"].protocol
    assert found.model_dump().items() <= offline.model_dump().items()


def test_truncate_differs_from_torch_fidelity_in_one_clause():
    found = diff(DIALECTS["torch-fidelity"].protocol, DIALECTS["truncate"].protocol)
    assert found == [("pixels", "round", "truncate")]


def test_what_is_from_memory_is_said():
    assert DIALECTS["torch-fidelity"].standing == "verified"
    assert DIALECTS["rq"].standing == "unverified: logits, is_shuffle"
    adm = DIALECTS["adm"]
    assert adm.source("is_split_size") == MEMORY
    assert "is_split_size" in adm.standing
