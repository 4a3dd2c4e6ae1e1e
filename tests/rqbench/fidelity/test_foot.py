"""Mirrors rqbench/fidelity/foot.py."""

from dataclasses import replace

import pytest

from rqbench.fidelity.foot import basis, methods, remarks
from rqbench.fidelity.near_training import NearTraining
from rqbench.fidelity.protocol import FidelityProtocol
from rqbench.fidelity.rate import rate
from rqbench.fidelity.score import Scoring
from rqbench.fidelity.scored_protocol import copies_protocol, scored_protocol
from rqbench.fidelity.traps import Trap


@pytest.fixture
def scoring(normal_set, colours):
    protocol = FidelityProtocol(id="test", kid_subset_size=30)
    real = normal_set(40, d=6, v=3, name="real")
    fakes = [normal_set(n, d=6, v=3, name=f"fake{n}") for n in (40, 20)]
    rated = [rate(real, fake, protocol) for fake in fakes]
    few = Trap("few-images", "too few.")
    return Scoring(protocol, colours, real, fakes, rated, [[few], [few, Trap("other", "odd.")]])


def test_the_protocol_stands_with_what_records_call_it(scoring):
    protocol, called, *sets = basis(scoring)
    assert f"test, SHA-256 {scoring.protocol.sha256[:12]}" in protocol
    hashes = [scored_protocol(scoring, each).hash for each in scoring.candidates]
    assert called.endswith(f": {hashes[0]} of fake40, {hashes[1]} of fake20")
    assert sets == [
        "reference: real, 40 pictures", "scored: fake40, 40 pictures",
        "scored: fake20, 20 pictures",
    ]  # fmt: skip


def test_shares_of_copies_have_a_protocol_of_their_own(scoring, normal_set):
    found = replace(scoring, training=normal_set(12, d=6, name="learned"))
    told = [line for line in basis(found) if "training_copies_share" in line]
    hashes = [copies_protocol(found, each).hash for each in found.candidates]
    assert len(told) == 1 and told[0].endswith(f": {hashes[0]} of fake40, {hashes[1]} of fake20")


def test_given_statistics_are_named_beside_the_pictures(scoring):
    beside = replace(scoring.reference, given=scoring.reference.moments)
    told = list(basis(replace(scoring, reference=beside)))
    assert "reference: real, 40 pictures, and statistics of others" in told


def test_each_trap_is_told_once_with_all_that_meet_it(scoring):
    warnings = [each.text for each in remarks(scoring) if each.text.startswith("warning")]
    assert warnings == [
        "warning: few-images: too few. Met by fake20 too.", "warning: other: odd.",
    ]  # fmt: skip


def test_settings_are_said_of_the_set_that_has_them(scoring):
    said = {each.systems: each.text for each in remarks(scoring) if "subset size" in each.text}
    assert said[("fake40",)].endswith("subset size 30")
    assert said[("fake20",)].endswith("subset size 20")


def test_scores_of_a_set_with_one_method_share_a_remark(scoring):
    first, second = (each for each in methods(scoring) if "kid_colours" in each.metrics)
    assert (first.systems, second.systems) == (("fake40",), ("fake20",))
    assert first.text == second.text == "interval: influence of each picture, Student t"
    assert "fd_colours" in first.metrics


def test_the_share_nearer_to_training_stands_beside_its_yardstick(scoring):
    def told(found):
        return [each for each in remarks(found) if each.text.startswith("0.5: as near to training")]

    assert told(scoring) == []
    near = NearTraining(scoring.reference, scoring.candidates[1])
    rated = [[*scoring.rated[0], *near.rate(scoring.candidates[0])], scoring.rated[1]]
    [remark] = told(replace(scoring, rated=rated))
    assert (remark.systems, remark.metrics) == (("fake40",), ("nearer_to_training_share",))


def test_a_score_that_only_one_set_has_is_told_of_it(scoring):
    first, second = scoring.rated
    assert "fid_corrected" in {each.score for each in second}
    bare = replace(
        scoring, rated=[[each for each in first if each.score != "fid_corrected"], second]
    )
    [remark] = [each for each in remarks(bare) if each.metrics == ("fd_corrected_colours",)]
    assert remark.systems == ("fake20",)
