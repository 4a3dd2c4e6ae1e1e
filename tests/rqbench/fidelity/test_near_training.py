"""Mirrors rqbench/fidelity/near_training.py."""

from dataclasses import replace

import pytest
import torch

from rqbench.errors import ConfigError, DataError
from rqbench.fidelity.near_training import NearTraining

TRAINING = torch.tensor([[0.0, 0.0], [10.0, 0.0]])
HELD_OUT = torch.tensor([[0.0, 2.0], [10.0, 4.0]])


@pytest.fixture
def shares(of_features):
    """The two shares of some candidates."""

    def find(candidates, held_out=HELD_OUT):
        near = NearTraining(
            of_features(held_out, name="real"), of_features(TRAINING, name="training")
        )
        return near.rate(of_features(torch.tensor(candidates), name="fake"))

    return find


def test_shares_are_counted_by_hand(shares):
    # Distances of candidates 0, 3, 5 and 0; of held-out pictures 2 and 4
    nearer, copies = shares([[0.0, 0.0], [0.0, 3.0], [10.0, 5.0], [10.0, 0.0]])
    assert nearer.value == (1 + 0.5 + 0 + 1) / 4
    assert copies.value == 0.5
    assert nearer.settings == {"training": 2, "held_out": 2}


def test_copies_are_all_nearer_and_each_share_has_an_interval_within_0_and_1(shares):
    for share in shares([[0.0, 0.0], [10.0, 0.0], [0.0, 0.0]]):
        low, high = share.ci95
        assert 0 <= low <= share.value == 1 == high
        assert share.method


def test_held_out_pictures_that_are_training_pictures_are_no_yardstick(of_features):
    training = of_features(TRAINING, name="a")
    real = of_features(torch.cat([TRAINING, HELD_OUT]), name="a")  # a0 and a1 are in both
    near = NearTraining(real, training)
    nearer, copies = near.rate(of_features(torch.tensor([[0.0, 1.0]]).repeat(2, 1), name="fake"))
    assert (nearer.value, copies.value) == (1.0, 1.0)
    assert nearer.note.startswith("2 of a are training pictures")


def test_held_out_crops_of_one_photograph_count_as_one(of_features, of_photographs):
    training, fake = of_features(TRAINING, name="t"), of_features(torch.zeros(5, 2), name="fake")
    held_out = of_features(HELD_OUT.repeat(4, 1), name="real")
    crops = of_photographs(held_out, "aabbaabb")
    [apart, _], [together, _] = (
        NearTraining(each, training).rate(fake) for each in (held_out, crops)
    )
    assert "8 clusters" in apart.method and "2 clusters" in together.method


def test_a_reference_of_training_pictures_alone_is_refused(of_features):
    same = of_features(TRAINING, name="a")
    with pytest.raises(DataError, match="All pictures of a are training pictures too"):
        NearTraining(same, same)


@pytest.mark.parametrize("alone", ["real", "training"])
def test_statistics_without_features_are_refused(of_features, alone):
    sets = {"real": of_features(HELD_OUT, name="real"), "training": of_features(TRAINING)}
    sets[alone] = replace(sets[alone], features=None)
    with pytest.raises(ConfigError, match="is statistics alone, and copies are told by single"):
        NearTraining(sets["real"], sets["training"])
