"""Mirrors rqbench/fidelity/scored_protocol.py."""

from dataclasses import replace

import pytest

from rqbench.fidelity.protocol import FidelityProtocol
from rqbench.fidelity.score import Scoring
from rqbench.fidelity.scored_protocol import copies_protocol, scored_protocol


@pytest.fixture
def scoring(normal_set, colours):
    real, fake = (normal_set(40, d=6, name=name) for name in ("real", "fake"))
    return Scoring(FidelityProtocol(id="test"), colours, real, [fake], [[]], [[]])


def clauses_of(scoring):
    return scored_protocol(scoring, scoring.candidates[0]).clauses


def test_it_names_the_reference_by_its_content(scoring, normal_set):
    assert clauses_of(scoring)["reference_sha256"] == scoring.reference.digest
    assert clauses_of(scoring)["reference_n"] == 40
    other = replace(scoring, reference=normal_set(40, d=6, name="other"))
    fake = scoring.candidates[0]
    assert scored_protocol(other, fake).hash != scored_protocol(scoring, fake).hash


def test_given_statistics_are_a_clause_beside_the_pictures(scoring, normal_set):
    given = normal_set(40, d=6, name="other")
    beside = replace(scoring, reference=replace(scoring.reference, given=given.moments))
    assert clauses_of(beside)["reference_sha256"] == scoring.reference.digest
    assert clauses_of(beside)["reference_statistics_sha256"] == beside.reference.given_digest
    assert "reference_statistics_sha256" not in clauses_of(scoring)


def test_the_training_set_is_a_clause_of_the_shares_of_copies_alone(scoring, normal_set):
    learned, fake = normal_set(12, d=6, name="learned"), scoring.candidates[0]
    found = replace(scoring, training=learned)
    assert scored_protocol(found, fake) == scored_protocol(scoring, fake)
    clauses = copies_protocol(found, fake).clauses
    assert clauses.pop("training_sha256") == learned.digest
    assert clauses.pop("training_n") == 12
    assert clauses == clauses_of(scoring)


def test_of_how_many_photographs_candidates_are_crops_is_a_clause(scoring, of_photographs):
    crops = of_photographs(scoring.candidates[0], [f"{place % 5}" for place in range(40)])
    assert scored_protocol(scoring, crops).clauses["photographs"] == 5
    assert "photographs" not in clauses_of(scoring)
