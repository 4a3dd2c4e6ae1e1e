"""Mirrors rqbench/fidelity/score_records.py, and rqbench/record_folder.py."""

import json
from dataclasses import replace

import pytest

from rqbench.fidelity.foot import remarks
from rqbench.fidelity.near_training import SHARES
from rqbench.fidelity.protocol import FidelityProtocol
from rqbench.fidelity.rate import rate
from rqbench.fidelity.score import Scoring
from rqbench.fidelity.score_records import as_json, contrasts, to_records, write_scores
from rqbench.fidelity.scored_protocol import copies_protocol, scored_protocol
from rqbench.files import is_sealed
from rqbench.metrics.rated import Rated
from rqbench.reporting import read_run


@pytest.fixture
def scoring(normal_set, colours):
    protocol = FidelityProtocol(id="test")
    real = normal_set(40, d=6, v=3, name="real")
    fakes = [normal_set(40, d=6, v=3, shift=shift, name=f"fake{shift}") for shift in (0.5, 1.0)]
    rated = [rate(real, fake, protocol) for fake in fakes]
    return Scoring(protocol, colours, real, fakes, rated, [[], []])


def test_each_score_of_each_candidate_is_a_record(scoring):
    records = to_records(scoring, "env", {})
    assert len(records) == sum(map(len, scoring.rated))
    first, rated = records[0], scoring.rated[0][0]
    assert (first.metric, first.system, first.data) == ("fd_colours", "fake0.5", "real")
    assert (first.value, first.ci95, first.ci_method) == (rated.value, rated.ci95, rated.method)
    assert {record.n for record in records} == {40}
    of_fake = scored_protocol(scoring, scoring.candidates[0])
    assert first.protocol_hash == of_fake.hash


def test_the_training_set_changes_the_protocol_of_no_score_but_the_shares(scoring, normal_set):
    shares = [Rated(score, 0.5) for score in SHARES]
    learned = normal_set(12, d=6, name="learned")
    found = replace(
        scoring, rated=[[*scoring.rated[0], *shares], scoring.rated[1]], training=learned
    )
    without = {(each.system, each.metric): each for each in to_records(scoring, "env", {})}
    protocols = {}
    shown = {(each.system, each.metric): each for each in to_records(found, "env", protocols)}
    hashes = {key: shown.pop(key).protocol_hash for key in [("fake0.5", one) for one in SHARES]}
    assert shown == without
    of_copies = copies_protocol(found, found.candidates[0])
    assert set(hashes.values()) == {of_copies.hash} and protocols[of_copies.hash] == of_copies


def test_a_score_without_a_value_is_no_record(scoring):
    bare = replace(scoring, rated=[[Rated("fid_infinity", float("nan"))], []])
    assert to_records(bare, "env", {}) == []


def test_the_folder_is_whole_and_is_read_as_a_run(scoring, tmp_path):
    write_scores(tmp_path / "out", scoring)
    assert is_sealed(tmp_path / "out")
    run = read_run(tmp_path / "out")
    assert [record.value for record in run.records] == [
        each.value for rated in scoring.rated for each in rated
    ]
    assert set(run.environments) == {record.environment for record in run.records}
    assert json.loads((tmp_path / "out" / "fidelity.json").read_text())["extractor"] == "colours"
    assert run.contrasts == contrasts(scoring)
    assert run.remarks == remarks(scoring)


def test_json_holds_everything_and_no_number_that_json_lacks(scoring):
    found = replace(scoring, rated=[[*scoring.rated[0], Rated("fid_infinity", float("nan"))], []])
    told = json.loads(json.dumps(as_json(found), allow_nan=False))
    assert told["protocol_sha256"] == scoring.protocol.sha256
    assert told["reference"] == {"name": "real", "n": 40, "sha256": scoring.reference.digest}
    assert told["candidates"][0]["scores"][0]["metric"] == "fd_colours"
    both = json.loads(json.dumps(as_json(scoring), allow_nan=False))
    assert len(both["differences"]) == len(scoring.rated[0])
    assert both["differences"][0]["difference"] == pytest.approx(
        scoring.rated[0][0].moved.value - scoring.rated[1][0].moved.value
    )
    assert (both["differences"][0]["system"], both["differences"][0]["against"]) == (
        "fake0.5", "fake1.0",
    )  # fmt: skip
