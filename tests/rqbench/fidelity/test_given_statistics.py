"""Mirrors rqbench/fidelity/given_statistics.py."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from rqbench.errors import ConfigError, DataError
from rqbench.fidelity.dialects import DIALECTS
from rqbench.fidelity.given_statistics import given_statistics
from rqbench.fidelity.score import Effort, Source, score

ADM, SPATIAL, CLEAN = (DIALECTS[name].protocol for name in ("adm", "adm-spatial", "clean"))
NOISE = np.random.default_rng(0)
MU, SIGMA = np.full(6, 100.0), np.diag([9.0, 4.0, 1.0, 9.0, 4.0, 1.0])
PIXELS = NOISE.integers(0, 256, (20, 32, 32, 3), dtype=np.uint8)


@pytest.fixture
def published(colours):
    """An extractor that goes by the name of the published one."""
    return lambda protocol: replace(colours, name=protocol.extractor)


@pytest.fixture
def write(tmp_path):
    def write(**arrays):
        path = tmp_path / "reference.npz"
        np.savez(path, **arrays)
        return path

    return write


@pytest.fixture
def run(tmp_path, published):
    """Score other noise against a file."""

    def run(path, protocol, **options):
        fake = tmp_path / "fake.npz"
        np.savez(fake, arr_0=np.random.default_rng(1).integers(0, 200, (20, 32, 32, 3), np.uint8))
        effort = Effort(tmp_path / "cache", workers=1)
        return score(
            Source(path), [Source(fake)], protocol, published(protocol), effort=effort, **options
        )

    return run


def values(found):
    return {each.score: each.value for each in found.rated[0]}


def test_frechet_distances_are_against_the_statistics_and_all_else_against_the_pictures(run, write):
    both = run(write(arr_0=PIXELS, mu=MU, sigma=SIGMA), ADM)
    alone = run(write(arr_0=PIXELS), ADM)
    cloud = both.candidates[0].cloud.double()
    mixed = torch.linalg.eigvals(cloud.T.cov() @ torch.from_numpy(SIGMA)).real.clamp(min=0)
    apart = (cloud.mean(dim=0) - torch.from_numpy(MU)).square().sum()
    spread = cloud.T.cov().trace() + SIGMA.trace() - 2 * mixed.sqrt().sum()
    expected = (apart + spread).item()
    assert values(both)["fid"] == pytest.approx(expected)
    assert values(alone)["fid"] != pytest.approx(expected, rel=0.1)
    changed = {"fid", "fid_corrected"}
    assert values(both).keys() == values(alone).keys()
    for name in values(alone).keys() - changed:
        assert values(both)[name] == values(alone)[name]
    assert {"kid", "precision", "recall", "inception_score"} <= values(both).keys() - changed


def test_the_interval_is_that_of_a_reference_that_stands_fixed(run, write):
    both = run(write(arr_0=PIXELS, mu=MU, sigma=SIGMA), ADM)
    methods = {each.score: each.method for each in both.rated[0]}
    assert "the reference stands fixed" in methods["fid"]
    assert "the reference stands fixed" not in methods["kid"]


def test_what_stands_beside_the_pictures_is_told(run, write):
    both = run(write(arr_0=PIXELS, mu=MU, sigma=SIGMA), ADM)
    assert any("against mu and sigma of npz:reference.npz" in note for note in both.notes)
    assert both.reference.n == 20


def test_the_spatial_protocol_has_statistics_of_its_own(write, published):
    path = write(arr_0=PIXELS, mu=MU, sigma=SIGMA, mu_s=MU + 1, sigma_s=SIGMA)
    found = given_statistics(path, SPATIAL, published(SPATIAL))
    assert (found.arrays, found.moments.mean.tolist()) == (("mu_s", "sigma_s"), [101.0] * 6)
    without = given_statistics(
        write(arr_0=PIXELS, mu=MU, sigma=SIGMA), SPATIAL, published(SPATIAL)
    )  # fmt: skip
    assert without.moments is None
    assert "extractor 'inception-v3-compat' instead of 'inception-v3-spatial'" in without.why


def test_protocols_of_other_features_use_the_pictures_alone_and_say_so(run, write):
    path = write(arr_0=PIXELS, mu=MU, sigma=SIGMA)
    found = run(path, CLEAN)
    assert values(found) == values(run(write(arr_0=PIXELS), CLEAN))
    [note] = [note for note in found.notes if "of other features" in note]
    assert "resize 'tf1-bilinear' instead of 'pil-bicubic'" in note
    assert "all scores are against its pictures" in note


def test_other_weights_use_the_pictures_alone(write, colours):
    found = given_statistics(write(arr_0=PIXELS, mu=MU, sigma=SIGMA), ADM, colours)
    assert found.moments is None
    assert found.why == "the published weights instead of those of colours"


def test_pictures_alone_and_statistics_alone_have_nothing_beside_them(write, published):
    for arrays in ({"arr_0": PIXELS}, {"mu": MU, "sigma": SIGMA}):
        assert given_statistics(write(**arrays), ADM, published(ADM)) is None


def test_statistics_of_another_width_are_refused_before_any_picture_is_measured(run, write):
    with pytest.raises(ConfigError, match="statistics of 3 features"):
        run(write(arr_0=PIXELS, mu=MU[:3], sigma=SIGMA[:3, :3]), ADM)


def test_nothing_pairs_with_statistics_of_other_pictures(run, write):
    with pytest.raises(DataError, match=r"cannot pair with the statistics in npz:reference\.npz"):
        run(write(arr_0=PIXELS, mu=MU, sigma=SIGMA), ADM, is_paired=True)
