"""Mirrors rqbench/rd/codec_measures.py."""

from dataclasses import replace

import pytest
import torch

from rqbench.errors import ConfigError
from rqbench.metrics.distortion import psnr_db
from rqbench.metrics.extractor import find_extractor
from rqbench.metrics.fidelity import Features, fidelity_scores
from rqbench.metrics.protocol import Protocol
from rqbench.rd.codec_measures import Distances, find_measure
from rqbench.rd.codec_pictures import measured_pictures
from rqbench.stages.recording import Provenance, Recorder

CLUSTERS = ["p", "p", "q", "r"]


@pytest.fixture
def recorder():
    return Recorder(Provenance("e", "d", "s", 0, "cpu"), "JPEG")


@pytest.fixture
def batches():
    """Two of originals and restored."""
    originals = torch.rand(4, 3, 32, 32).split(2)
    return [(some, (some + 0.1 * torch.randn_like(some)).clamp(0, 1)) for some in originals]


def taken(measure, batches, at):
    for originals, restored in batches:
        measure.look(originals)
        measure.take(at, restored)
    return measure


def test_a_distance_is_the_mean_over_pictures(batches, recorder):
    protocol = Protocol(id="p", clauses={})
    measure = taken(Distances("psnr_db", psnr_db, protocol), batches, ("JPEG", 20))
    (found,) = measure.records(recorder, ("JPEG", 20), CLUSTERS, {"quality": 20})
    expected = torch.cat([psnr_db(*both) for both in batches]).tolist()
    assert found.raw == pytest.approx(expected)
    assert (found.clusters, found.settings) == (CLUSTERS, {"quality": 20})


def test_scores_of_all_pictures_are_taken_as_of_tokenizers(finished, batches, recorder):
    """And by the protocol that the run's own have."""
    measure = find_measure("rfd_effnetlite0", measured_pictures(finished.run, None))
    taken(measure, batches, ("JPEG", 20))
    found = measure.records(recorder, ("JPEG", 20), CLUSTERS, {"quality": 20})
    extractor, (originals, restored) = find_extractor(), map(torch.cat, zip(*batches, strict=True))
    both = (Features(*extractor.features(images)) for images in (originals, restored))
    expected = fidelity_scores(*both, CLUSTERS, "effnetlite0", "reconstructions")
    assert [each.metric for each in found] == [each.metric for each in expected]
    for record, score in zip(found, expected, strict=True):
        assert record.value == pytest.approx(score.value, rel=1e-4)
        assert record.settings["quality"] == 20
    own = next(each for each in finished.records if each.metric == "rfd_effnetlite0")
    assert found[0].protocol_hash == own.protocol_hash


@pytest.mark.parametrize(
    ("metric", "said"),
    [
        ("fd_effnetlite0", "is no number of such"),
        ("rfid", r"Name one of rfd_effnetlite0, rkid_effnetlite0, ris_effnetlite0"),
    ],
)
def test_what_codecs_do_not_have_is_refused(finished, metric, said):
    with pytest.raises(ConfigError, match=said):
        find_measure(metric, measured_pictures(finished.run, None))


def test_an_evaluation_has_no_scores_of_the_whole_set(finished):
    pictures = replace(measured_pictures(finished.run, None), protocol_of_set=None)
    with pytest.raises(ConfigError, match="which `rqbench evaluate` does not take"):
        find_measure("rfd_effnetlite0", pictures)
