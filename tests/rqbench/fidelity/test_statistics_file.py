"""Mirrors rqbench/fidelity/statistics_file.py."""

import json
from dataclasses import asdict

import numpy as np
import pytest

from rqbench.errors import ConfigError, DataError
from rqbench.fidelity.dialects import DIALECTS
from rqbench.fidelity.feature_set import FeatureSet
from rqbench.fidelity.pictures import PictureFacts
from rqbench.fidelity.protocol import FidelityProtocol
from rqbench.fidelity.statistics_file import (
    About,
    Statistics,
    arrays_for,
    check_fits,
    read_statistics,
    save_statistics,
)

MU, SIGMA = np.array([1.0, 2.0, 3.0]), np.array([[2.0, 1, 0], [1, 3, 0], [0, 0, 1]])
OURS = FidelityProtocol(id="ours", resize="pil-bicubic", kid_seed=7)


def about(**changes):
    values = {
        "pictures": "folder:val", "digest": "ef" * 32, "n": 9, "protocol": OURS,
        "protocol_sha256": OURS.sha256, "extractor": "mean", "weights_sha256": "cd" * 32,
    }  # fmt: skip
    return About(**values | changes)


@pytest.fixture
def path(tmp_path):
    return tmp_path / "statistics.npz"


def test_what_was_saved_comes_back_with_what_it_says_of_itself(path):
    save_statistics(path, Statistics(MU, SIGMA, 9, about=about()))
    found = read_statistics(path)
    assert np.array_equal(found.mu, MU)
    assert np.array_equal(found.sigma, SIGMA)
    assert (found.n, found.dim, found.kind, found.about) == (9, 3, "rqbench", about())
    assert found.features is None


def test_moments_are_those_of_the_file_and_know_the_count_where_it_does():
    for count in (9, None):
        found = Statistics(MU, SIGMA, count).moments
        assert (found.n, found.mean.tolist()) == (count, MU.tolist())
        np.testing.assert_allclose(found.covariance.numpy(), SIGMA, rtol=1e-15)


ROWS = np.arange(6, dtype=np.float32).reshape(2, 3)
FACTS = [PictureFacts(f"{n}.png", "ab" * 32, 4, 5, "PNG", "L", None, "a") for n in range(2)]


@pytest.fixture
def changed(path):
    """A file with features, some of whose arrays are others."""

    def change(**arrays):
        kept = FeatureSet.of_arrays(ROWS, ROWS[:, :2], FACTS)
        told = about(n=2, skipped=("2.png: no picture",))
        save_statistics(path, Statistics(MU, SIGMA, 2, about=told, features=kept))
        np.savez(path, **dict(np.load(path)) | arrays)
        return path

    return change


def packed(value):
    return np.frombuffer(json.dumps(value).encode(), np.uint8)


def test_features_come_back_where_they_were_kept(changed):
    found = read_statistics(changed()).features
    assert np.array_equal(found.features(), ROWS)
    assert np.array_equal(found.logits(), ROWS[:, :2])
    assert found.facts == FACTS
    assert found.clusters == ["a", "a"]
    assert found.skipped == ["2.png: no picture"]


def test_a_file_from_before_it_was_said_what_was_left_out_lacks_nothing(changed):
    older = about(n=2).model_dump(mode="json", exclude={"skipped"})
    assert read_statistics(changed(rqbench=packed(older))).features.skipped == []


@pytest.mark.parametrize(
    ("facts", "said"),
    [
        ([{"name": "0.png"}] * 2, r"0\.sha256 Field required"),
        ([{**asdict(FACTS[0]), "width": "4"}] * 2, r"0\.width Input should be a valid integer"),
        (["0.png"], "0 Input should be an object"),
        (7, "Input should be a valid array"),
        ([asdict(FACTS[0])], r"\(2, 3\) and logits of \(2, 2\) do not belong to 1 pictures"),
    ],
)
def test_pictures_of_which_other_things_are_said_are_refused(changed, facts, said):
    path = changed(pictures=packed(facts))
    with pytest.raises(DataError, match=rf"statistics\.npz: .*{said}.*stats --features"):
        read_statistics(path)


def test_features_of_another_width_than_the_mean_are_refused(changed):
    with pytest.raises(DataError, match="a mean of 3 features"):
        read_statistics(changed(features=ROWS[:, :2]))


@pytest.mark.parametrize(("array", "width"), [("features", 3), ("logits", 2)])
@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_features_that_are_not_finite_are_refused(changed, array, width, value):
    rows = np.zeros((2, width), np.float32)
    rows[1, 1] = value
    with pytest.raises(DataError, match=r"some features or logits are not finite.*--features"):
        read_statistics(changed(**{array: rows}))


def test_features_of_another_number_of_pictures_than_the_mean_are_refused(changed):
    path = changed(rqbench=packed(about(n=3).model_dump(mode="json")))
    with pytest.raises(DataError, match=r"features of 2 pictures stand beside a mean of 3\..*with"):
        read_statistics(path)


def test_features_that_are_no_numbers_are_refused(changed):
    with pytest.raises(DataError, match=r"features of <U1 and logits of float32 are no floats"):
        read_statistics(changed(features=np.full((2, 3), "a")))


def test_files_of_clean_fid_and_pytorch_fid_have_no_count(path):
    np.savez(path, mu=MU.astype(np.float32), sigma=SIGMA)
    found = read_statistics(path)
    assert (found.n, found.about, found.mu.dtype) == (None, None, np.float64)
    assert found.kind == "clean-fid or pytorch-fid"


def test_guided_diffusion_s_spatial_statistics_tell_its_files(path):
    np.savez_compressed(path, mu=MU, sigma=SIGMA, mu_s=MU, sigma_s=SIGMA)
    assert read_statistics(path).kind == "guided-diffusion"


def test_spatial_statistics_are_for_the_protocol_of_spatial_features(path):
    spatial = DIALECTS["adm-spatial"].protocol
    np.savez(path, mu=MU, sigma=SIGMA, mu_s=MU[:2], sigma_s=SIGMA[:2, :2])
    assert arrays_for(path, OURS) == ("mu", "sigma")
    found = read_statistics(path, arrays_for(path, spatial))
    assert np.array_equal(found.mu, MU[:2])
    assert np.array_equal(found.sigma, SIGMA[:2, :2])
    save_statistics(path, Statistics(MU, SIGMA, 9, about=about(protocol=spatial)))
    assert arrays_for(path, spatial) == ("mu", "sigma")  # ours hold one kind of features


@pytest.mark.parametrize(
    ("arrays", "said"),
    [
        ({"arr_0": MU}, "holds no statistics: it needs mu and sigma, and has arr_0"),
        ({"mu": MU, "sigma": SIGMA[:2]}, r"sigma float64 of \(2, 3\).*numpy.cov"),
        ({"mu": MU[:0], "sigma": SIGMA[:0, :0]}, r"mu is float64 of the shape \(0,\)"),
        ({"mu": SIGMA, "sigma": SIGMA}, r"mu is float64 of the shape \(3, 3\)"),
        ({"mu": MU.astype(int), "sigma": SIGMA}, "mu is int64"),
        ({"mu": MU, "sigma": SIGMA * np.nan}, "not finite"),
        ({"mu": MU, "sigma": np.triu(SIGMA)}, "sigma is not symmetric"),
        ({"mu": np.array([None]), "sigma": SIGMA}, "pickled objects"),
        ({"mu": MU, "sigma": SIGMA, "rqbench": np.zeros(4, np.uint8)}, "what it says of itself"),
    ],
)
def test_a_file_that_is_not_right_says_what_would_be(path, arrays, said):
    np.savez(path, **arrays)
    with pytest.raises(DataError, match=said):
        read_statistics(path)


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"digesd": 1}, r"statistics\.npz\.digesd: no such key.*'digest'"),
        (["folder:val"], "no words with their values"),
        *(
            (about().model_dump(mode="json") | {"n": n}, rf"\.n: .*equal to 2 \(got {n}\)")
            for n in (-1, 0, 1)
        ),
    ],
)
def test_other_words_of_itself_are_refused_with_the_way_to_mend_them(changed, values, said):
    path = changed(rqbench=packed(values))
    with pytest.raises(DataError, match=rf"(?s)says of itself .*{said}.*`rqbench fidelity stats`"):
        read_statistics(path)


def test_statistics_fit_a_protocol_whose_features_are_the_same(path, mean_extractor):
    found = Statistics(MU, SIGMA, 9, about=about())
    other_scores = FidelityProtocol(id="other", resize="pil-bicubic", kid_seed=8, neighbours=5)
    check_fits(found, path, other_scores, mean_extractor)
    check_fits(Statistics(MU, SIGMA), path, other_scores, mean_extractor)


def test_statistics_of_another_protocol_are_refused_with_the_clauses(path, mean_extractor):
    asked = FidelityProtocol(id="asked", side=128, kid_seed=8)
    with pytest.raises(ConfigError) as refused:
        check_fits(Statistics(MU, SIGMA, 9, about=about()), path, asked, mean_extractor)
    said = str(refused.value)
    assert "made by the protocol ours, and asked is asked for" in said
    assert "resize 'pil-bicubic' instead of 'tf1-bilinear'; side 299 instead of 128." in said
    assert "kid_seed" not in said
    assert (
        "stats` with `--protocol FILE`, your file of 'asked'; or ask for `--protocol FILE`" in said
    )


def test_statistics_of_other_weights_or_another_width_are_refused(path, mean_extractor):
    other = Statistics(MU, SIGMA, 9, about=about(weights_sha256="99" * 32))
    with pytest.raises(ConfigError, match="weights 99999999 instead of cdcdcdcd"):
        check_fits(other, path, OURS, mean_extractor)
    with pytest.raises(ConfigError, match="statistics of 2 features, and mean gives 3"):
        check_fits(Statistics(MU[:2], SIGMA[:2, :2]), path, OURS, mean_extractor)
