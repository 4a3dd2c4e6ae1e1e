"""Mirrors rqbench/fidelity/measured_set.py."""

import numpy as np
import pytest
import torch

from rqbench.errors import ConfigError, DataError
from rqbench.fidelity.feature_pass import feature_pass
from rqbench.fidelity.make_statistics import make_statistics
from rqbench.fidelity.measured_set import is_statistics, measure_set, open_set
from rqbench.fidelity.open_pictures import open_pictures
from rqbench.fidelity.protocol import FidelityProtocol
from rqbench.fidelity.statistics_file import save_statistics

PROTOCOL = FidelityProtocol(id="test")


@pytest.fixture
def run_pass(colours, tmp_path, progress):
    return lambda pictures: feature_pass(pictures, colours, tmp_path / "cache", 1, 4, progress)


@pytest.fixture
def measure(colours, run_pass):
    return lambda path: measure_set(path, open_set(path, None), PROTOCOL, colours, run_pass)


@pytest.fixture
def saved(colours, run_pass, tmp_path):
    """Statistics of a folder, with features or without."""

    def save(folder, keep_features):
        found = run_pass(open_pictures(folder))
        made = make_statistics("real", found, PROTOCOL, colours, keep_features)
        save_statistics(tmp_path / "real.npz", made)
        return tmp_path / "real.npz"

    return save


def test_moments_are_those_of_all_features(measure, write_noise):
    found = measure(write_noise("real", 9))
    assert (found.name, found.n) == ("folder:real", 9)
    torch.testing.assert_close(found.moments.covariance, found.cloud.double().T.cov())


@pytest.mark.parametrize("keep_features", [False, True])
def test_statistics_give_what_their_pictures_gave(measure, write_noise, saved, keep_features):
    folder = write_noise("real", 9)
    pictures, found = measure(folder), measure(saved(folder, keep_features))
    torch.testing.assert_close(found.gaussian.mean, pictures.gaussian.mean)
    torch.testing.assert_close(found.moments.covariance, pictures.moments.covariance)
    assert (found.n, found.pictures) == (9, None)
    assert (found.features is None) is not keep_features
    assert (found.digest == pictures.digest) is keep_features


def test_statistics_alone_have_a_digest_of_their_numbers(measure, write_noise, saved):
    first = measure(saved(write_noise("a", 9), False))
    again = measure(saved(write_noise("b", 9), False))  # the same pictures under another name
    other = measure(saved(write_noise("c", 9, seed=1), False))
    assert first.digest == again.digest != other.digest


def test_statistics_of_other_features_are_refused(measure, tmp_path):
    np.savez(tmp_path / "other.npz", mu=np.zeros(3), sigma=np.eye(3))
    with pytest.raises(ConfigError, match="statistics of 3 features, and colours gives 6"):
        measure(tmp_path / "other.npz")


def test_one_picture_is_no_set(measure, write_noise):
    with pytest.raises(DataError, match="folder:one has 1 picture to measure"):
        measure(write_noise("one", 1))


def test_traps_read_the_picture_that_features_are_of(measure, write_noise):
    root = write_noise("real", 3)
    side = measure(root).side()
    assert side.read is not None
    assert side.read(2).mean(axis=(0, 1)) == pytest.approx(
        measure(root).cloud[2, :3].numpy(), rel=1e-5
    )
    assert side.guessed == measure(root).logits.argmax(dim=1).tolist()


def test_traps_know_of_statistics_alone_their_name_and_number(measure, write_noise, saved):
    side = measure(saved(write_noise("real", 9), False)).side()
    assert (side.name, side.n, side.facts, side.read) == ("real", 9, (), None)


def test_statistics_are_known_by_their_contents(tmp_path, write_noise, saved):
    assert is_statistics(saved(write_noise("real", 9), False))
    np.savez(tmp_path / "pictures.npz", arr_0=np.zeros((2, 4, 4, 3), np.uint8))
    assert not is_statistics(tmp_path / "pictures.npz")
    both = {"arr_0": np.zeros((2, 4, 4, 3), np.uint8), "mu": np.zeros(6), "sigma": np.eye(6)}
    np.savez(tmp_path / "both.npz", **both)
    assert not is_statistics(tmp_path / "both.npz")
    assert not is_statistics(tmp_path)
