"""Mirrors rqbench/fidelity/notes.py."""

from dataclasses import replace

import pytest

from rqbench.fidelity.notes import notes_of
from rqbench.fidelity.protocol import FidelityProtocol
from rqbench.metrics.moments import Moments


@pytest.fixture
def notes(mean_extractor):
    def find(reference, candidate, extractor=mean_extractor):
        protocol = FidelityProtocol(id="test", neighbours=3)
        return list(notes_of(reference, [candidate], protocol, extractor))

    return find


def test_independent_pictures_need_no_note(notes, normal_set):
    assert notes(normal_set(8, name="real"), normal_set(9, name="fake")) == []


def test_crops_are_said_to_count_as_their_photographs(notes, normal_set, of_photographs):
    crops = of_photographs(normal_set(8, name="crops"), "aaabbccc")
    (said,) = notes(normal_set(8, name="real"), crops)
    assert said.startswith("8 pictures of crops are crops of 3 photographs. Error bars take these")


def test_one_photograph_is_said_to_tell_no_error(notes, normal_set, of_photographs):
    crops = of_photographs(normal_set(8, name="crops"), "aaaaaaaa")
    assert "crops of one photograph, so that no error" in notes(crops, normal_set(8))[0]


def test_too_few_pictures_for_their_neighbours_name_the_set_and_the_scores(notes, normal_set):
    (said,) = notes(normal_set(3, name="real"), normal_set(4, name="fake"))
    assert said.startswith("real has 3 pictures, too few for 3 neighbours each, so no precision")


def test_a_protocol_without_logits_is_why_a_network_with_classes_has_no_inception_score(
    normal_set, mean_extractor
):
    silent = replace(mean_extractor, num_classes=0)
    for network, said in (("effnetlite0", "test takes no class logits"), ("vgg16", "mean names")):
        protocol = FidelityProtocol(id="test", extractor=network, logits="none")
        (note,) = notes_of(normal_set(8), [normal_set(9)], protocol, silent)
        assert note.startswith(said)


def test_statistics_and_networks_without_classes_lack_scores(notes, normal_set, mean_extractor):
    real = normal_set(8, name="real")
    unknown = Moments.given(real.moments.mean, real.moments.covariance)
    alone = replace(real, features=None, moments=unknown, note="real says little, so beware")
    said = notes(alone, normal_set(8), replace(mean_extractor, num_classes=0))
    assert [note.split(",")[0] for note in said] == [
        "real is statistics alone",
        "real says little",
        "mean names no classes",
    ]
