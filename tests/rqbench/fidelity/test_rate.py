"""Mirrors rqbench/fidelity/rate.py."""

from dataclasses import replace
from math import isnan

import pytest

from rqbench.fidelity.protocol import FidelityProtocol
from rqbench.fidelity.rate import rate
from rqbench.metrics.frechet import frechet_distance, gaussian
from rqbench.metrics.kernel_influence import bias_of_pairs
from rqbench.metrics.libraries import library

PROTOCOL = FidelityProtocol(id="test", kid_subsets=7, kid_subset_size=50, is_splits=3)


@pytest.fixture
def real(normal_set):
    return normal_set(300, name="real")


@pytest.fixture
def fake(normal_set):
    return normal_set(280, shift=0.5, name="fake")


def by_name(rated):
    return {each.score: each for each in rated}


def test_every_score_is_torch_fidelitys_of_the_same_features(real, fake):
    found = {name: each.value for name, each in by_name(rate(real, fake, PROTOCOL)).items()}
    of_set = library("torch_fidelity.metric_fid").fid_features_to_statistics
    fid = library("torch_fidelity.metric_fid").fid_statistics_to_metric(
        of_set(fake.cloud.double()), of_set(real.cloud.double()), verbose=False
    )
    assert found["fid"] == pytest.approx(fid["frechet_inception_distance"], rel=1e-6)
    kid = library("torch_fidelity.metric_kid").kid_features_to_metric(
        fake.cloud.double(), real.cloud.double(), kid_subsets=7, kid_subset_size=50, verbose=False
    )
    assert found["kid"] == pytest.approx(kid["kernel_inception_distance_mean"], rel=1e-9)
    score = library("torch_fidelity.metric_isc").isc_features_to_metric(fake.logits, splits=3)
    assert found["inception_score"] == pytest.approx(score["inception_score_mean"], rel=1e-6)
    both = library("torch_fidelity.metric_prc").prc_features_to_metric(
        fake.cloud, real.cloud, verbose=False
    )
    assert found["precision"] == pytest.approx(both["precision"], abs=1e-6)
    assert found["recall"] == pytest.approx(both["recall"], abs=1e-6)


def test_each_score_has_an_interval_about_it(real, fake):
    for each in rate(real, fake, PROTOCOL):
        low, high = each.ci95
        assert low < each.value < high, each.score


def test_the_corrected_distance_takes_off_what_few_pictures_add(real, normal_set):
    found = by_name(rate(real, normal_set(280, name="alike"), PROTOCOL))
    assert found["fid"].value > 0.1
    assert abs(found["fid_corrected"].value) < found["fid"].value / 2


def test_statistics_as_the_reference_allow_frechet_distances_and_the_inception_score(real, fake):
    of_both = by_name(rate(real, fake, PROTOCOL))
    found = by_name(rate(replace(real, features=None), fake, PROTOCOL))
    assert [*found] == ["fid", "fid_corrected", "inception_score"]
    assert found["fid"].value == pytest.approx(of_both["fid"].value)
    assert found["fid"].method.endswith("the reference stands fixed")


def test_a_reference_that_stands_fixed_adds_no_error(real, fake):
    of_both = by_name(rate(real, fake, PROTOCOL))["fid"].error.standard_error
    alone = by_name(rate(replace(real, features=None), fake, PROTOCOL))["fid"].error.standard_error
    assert 0 < alone < of_both


@pytest.mark.parametrize("is_alone", [False, True])
def test_fewer_pictures_than_features_give_a_jackknife_and_no_corrected_score(normal_set, is_alone):
    real, fake = normal_set(20, d=24, name="real"), normal_set(22, d=24, name="fake")
    found = by_name(rate(replace(real, features=None) if is_alone else real, fake, PROTOCOL))
    assert "fid_corrected" not in found
    assert found["fid"].method == (
        "jackknife over 16 groups of the candidate, Student t; the reference stands fixed"
        if is_alone
        else "jackknife over 16 groups of the reference and 16 groups of the candidate, Student t"
    )
    assert "it needs more images than the 24 features" in found["fid"].note
    assert found["fid"].error.standard_error > 0


def test_the_distance_at_infinity_comes_when_asked_for(real, fake):
    found = by_name(rate(real, fake, PROTOCOL, infinity=True))
    corrected = found["fid_corrected"].value
    assert found["fid_infinity"].settings == {"sizes": 15}
    assert found["fid_infinity"].value == pytest.approx(corrected, rel=0.2)
    assert found["fid_infinity"].ci95 is None


def test_where_too_few_pictures_make_no_line_the_note_says_so(normal_set):
    few = normal_set(12, name="few")
    found = by_name(rate(few, normal_set(12, name="fake"), PROTOCOL, infinity=True))
    assert isnan(found["fid_infinity"].value)
    assert "too few" in found["fid_infinity"].note


@pytest.mark.parametrize(
    ("n", "splits", "said"),
    [(8, 8, "8 parts of about 1 picture,"), (8, 1, "1 part of about 8 pictures,")],
)
def test_few_pictures_in_the_parts_of_the_inception_score_are_told(normal_set, n, splits, said):
    protocol = PROTOCOL.model_copy(update={"is_splits": splits})
    found = by_name(rate(normal_set(n), normal_set(n, name="fake"), protocol))
    assert said in found["inception_score"].note


def test_an_extractor_without_classes_gives_no_inception_score(real, normal_set):
    fake = normal_set(280, v=0, name="fake")
    assert "inception_score" not in by_name(rate(real, fake, PROTOCOL))


def test_the_smallest_sets_of_all_have_scores_without_a_crash(normal_set):
    found = by_name(rate(normal_set(4, name="real"), normal_set(4, name="fake"), PROTOCOL))
    assert {"fid", "kid", "inception_score", "precision"} <= found.keys()


def test_no_more_pictures_than_neighbours_lack_their_scores_and_have_the_others(normal_set):
    found = by_name(rate(normal_set(3, name="real"), normal_set(9, name="fake"), PROTOCOL))
    assert [*found] == ["fid", "kid", "inception_score"]


def test_crops_of_either_set_count_as_their_photographs_in_every_score(real, fake, of_photographs):
    crops = of_photographs(real, [f"{place // 20:02d}" for place in range(300)])
    for each in rate(crops, fake, PROTOCOL):
        if each.moved is not None and each.moved.reference is not None:
            assert "summed over 15 photographs of the reference" in each.method
        elif each.score != "inception_score":
            assert each.method.startswith("jackknife over 15 groups of the reference and 16 groups")
    candidates = of_photographs(fake, [f"{place // 20:02d}" for place in range(280)])
    for each in rate(real, candidates, PROTOCOL):
        assert "14 photographs of the cand" in each.method or "14 groups of the cand" in each.method


def test_pairs_of_crops_count_as_photographs_in_every_score(normal_set, of_photographs):
    names = [f"{place // 20:02d}" for place in range(300)]
    sets = (of_photographs(normal_set(300, name=name), names) for name in ("real", "fake"))
    for each in rate(*sets, PROTOCOL, is_paired=True):
        assert "15 photographs of" in each.method or "15 groups of pairs" in each.method


def test_crops_have_no_distance_at_infinity(real, fake, of_photographs):
    crops = of_photographs(real, [f"{place // 20:02d}" for place in range(300)])
    found = by_name(rate(crops, fake, PROTOCOL, infinity=True))["fid_infinity"]
    assert isnan(found.value)
    assert found.note.startswith("no distance at infinity: more crops")


def test_many_pictures_against_few_have_the_same_distance_and_error(normal_set):
    many, few = normal_set(300, name="many"), normal_set(5, name="few")
    [found] = [each for each in rate(few, many, PROTOCOL) if each.score == "fid"]
    assert found.value == pytest.approx(frechet_distance(gaussian(many.cloud), few.gaussian))
    assert len(found.left_out["candidate"].replicates) == 16


def test_of_pairs_the_note_says_what_their_own_originals_take_off_the_kernel_distance(
    real, normal_set
):
    fake = normal_set(300, shift=0.1, name="fake")
    bias = bias_of_pairs(fake.cloud, real.cloud)
    said = f"their own originals make it {-bias:.2g} smaller"
    assert said in by_name(rate(real, fake, PROTOCOL, is_paired=True))["kid"].note
    assert "originals" not in by_name(rate(real, fake, PROTOCOL))["kid"].note
