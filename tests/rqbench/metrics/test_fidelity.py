"""Mirrors rqbench/metrics/fidelity.py."""

import numpy as np
import pytest
import torch

from rqbench.errors import DataError
from rqbench.metrics.fidelity import Features, fidelity_scores, possible_scores
from rqbench.metrics.frechet_score import frechet_score
from rqbench.metrics.groups import random_blocks
from rqbench.metrics.kernel_influence import kernel_influences
from rqbench.metrics.libraries import library
from rqbench.metrics.neighbours import NEIGHBOUR_SCORES, neighbour_scores
from rqbench.resampling import jackknife_error


def draw(count, shift=0.0):
    features = torch.randn(count, 16)
    return Features(features + shift, 3 * torch.randn(count, 10))


def test_each_value_is_what_torch_fidelity_gives():
    reference, candidate = draw(240), draw(220, 0.3)
    frechet, kernel, inception, *_ = fidelity_scores(reference, candidate, None, "inception")
    fid = library("torch_fidelity.metric_fid")
    expected = fid.fid_statistics_to_metric(
        *(
            fid.fid_features_to_statistics(part.features.double())
            for part in (reference, candidate)
        ),
        verbose=False,
    )
    assert frechet.value == pytest.approx(expected["frechet_inception_distance"], rel=1e-6)
    expected = library("torch_fidelity.metric_kid").kid_features_to_metric(
        candidate.features.double(), reference.features.double(), kid_subset_size=220, verbose=False
    )
    assert kernel.value == expected["kernel_inception_distance_mean"]
    expected = library("torch_fidelity.metric_isc").isc_features_to_metric(
        candidate.logits, splits=2
    )
    assert inception.value == expected["inception_score_mean"]
    assert (frechet.metric, kernel.metric, inception.metric) == ("fid", "kid", "inception_score")
    assert (kernel.settings["subset_size"], inception.settings["splits"]) == (220, 2)
    assert all(score.n == 220 for score in (frechet, kernel, inception))


def test_reconstructions_lose_a_photograph_on_both_sides_and_are_named_so():
    reference = draw(60)
    noisy = Features(reference.features + 0.1 * torch.randn(60, 16), reference.logits)
    photographs = [f"photo{index // 10}" for index in range(60)]
    scores = fidelity_scores(reference, noisy, photographs, "effnetlite0")
    assert [score.metric for score in scores] == [
        "rfd_effnetlite0", "rkid_effnetlite0", "ris_effnetlite0",
    ]  # fmt: skip
    published = [
        score.metric for score in fidelity_scores(reference, noisy, photographs, "inception")
    ]
    assert published == ["rfid", "rkid", "rinception_score"]
    assert published == possible_scores("inception", "reconstructions")
    for score in scores:
        assert "summed over 6 photographs" in score.ci_method
        low, high = score.ci95
        assert low < score.value < high
        assert score.clusters == sorted(set(photographs))


def test_the_error_bar_is_that_of_the_replicates_where_pairs_of_images_play_no_part():
    photographs = [f"photo{index // 10}" for index in range(60)]
    scores = fidelity_scores(draw(60), draw(60), photographs, "x")
    inception = by_name(scores)["ris_x"]
    low, high = inception.ci95
    whole = jackknife_error(inception.replicates).interval(0.0)
    assert (low - inception.value, high - inception.value) == pytest.approx(whole)


def test_where_images_are_no_more_than_features_a_photograph_is_left_out_of_both_sides():
    reference, candidate = draw(15), draw(15)
    photographs = [f"photo{index // 5}" for index in range(15)]
    distance = fidelity_scores(reference, candidate, photographs, "x")[0]
    assert distance.ci_method == "jackknife over 3 groups of pairs, Student t"
    for place in range(3):
        kept = torch.arange(15) // 5 != place
        left = (Features(part.features[kept], part.logits[kept]) for part in (reference, candidate))
        alone = fidelity_scores(*left, np.array(photographs)[kept].tolist(), "x")[0]
        assert distance.replicates[place] == pytest.approx(alone.value)


def test_samples_are_rated_against_a_reference_that_stands_fixed():
    reference, candidate = draw(60), draw(48, 0.5)
    for score in fidelity_scores(reference, candidate, None, "x"):
        is_of_candidates_alone = score.metric == "is_x"
        assert ("reference" in score.ci_method) != is_of_candidates_alone
        assert score.ci_method.endswith("stands fixed") != is_of_candidates_alone
    distance, kernel, *_ = fidelity_scores(reference, candidate, None, "x")
    own = frechet_score(reference.features, candidate.features).candidate.error()
    assert distance.ci95 == pytest.approx(own.interval(distance.value))
    own = kernel_influences(candidate.features, reference.features)[0].error()
    assert kernel.ci95 == pytest.approx(own.interval(kernel.value))


def test_many_photographs_are_left_out_in_the_same_bundles_whatever_the_system():
    reference, names = draw(200), [f"{index // 2:03d}.png" for index in range(200)]
    first, second = (fidelity_scores(reference, draw(200), names, "x")[0] for _ in range(2))
    assert first.clusters == second.clusters
    assert len(first.replicates) == len(set(first.clusters)) == 32


def test_blocks_of_samples_have_no_name_that_would_pair_them_with_others():
    scores = fidelity_scores(draw(60), draw(48), None, "x")
    assert all(score.clusters is None and len(score.replicates) == 16 for score in scores)


def test_the_kernel_interval_covers_no_difference_and_shuns_a_large_one():
    reference = draw(200)
    same, shifted = draw(200), draw(200, 1.0)
    assert fidelity_scores(reference, same, None, "x")[1].ci95[0] < 0
    assert fidelity_scores(reference, shifted, None, "x")[1].ci95[0] > 0


def by_name(scores):
    return {score.metric: score for score in scores}


def test_samples_have_precision_and_its_kin_by_their_own_blocks():
    reference, candidate = draw(60), draw(48, 0.5)
    scores = fidelity_scores(reference, candidate, None, "x")
    assert [score.metric for score in scores] == possible_scores("x", "samples")
    expected = neighbour_scores(reference.features, candidate.features, 3)
    for name in NEIGHBOUR_SCORES:
        found = by_name(scores)[f"{name}_x"]
        assert found.value == expected[name].value
        assert found.replicates == expected[name].left_out["candidate"].replicates
        own = expected[name].errors["candidate"]
        assert found.ci95 == pytest.approx(own.interval(found.value))
        assert found.settings == {"neighbours": 3, "n_reference": 60}
        assert found.higher_is_better


def test_the_corrected_distance_is_nearer_to_the_truth_than_the_plain_one():
    scores = by_name(fidelity_scores(draw(120), draw(120), None, "x"))
    assert scores["fd_corrected_x"].value < 0.5 * scores["fd_x"].value
    low, high = scores["fd_corrected_x"].ci95
    assert low < 0 < high  # of one distribution
    assert scores["fd_corrected_x"].settings == {"n_reference": 120, "features": 16}


@pytest.mark.parametrize("counts", [(17, 60), (60, 17)])
def test_where_images_are_no_more_than_features_there_is_no_corrected_distance(counts):
    reference, candidate = map(draw, counts)
    assert "fd_corrected_x" not in by_name(fidelity_scores(reference, candidate, None, "x"))


def test_the_corrected_distance_without_a_block_is_nearly_that_of_the_rest():
    reference, candidate = draw(300), draw(320, 0.3)
    whole = by_name(fidelity_scores(reference, candidate, None, "x"))["fd_corrected_x"]
    blocks = np.array(random_blocks(320))
    exact = [
        frechet_score(reference.features, candidate.features[blocks != name]).corrected.value
        for name in np.unique(blocks)
    ]
    assert np.corrcoef(whole.replicates, exact)[0, 1] > 0.98
    assert np.std(whole.replicates) == pytest.approx(np.std(exact), rel=0.15)


def test_one_photograph_gives_values_without_intervals():
    scores = fidelity_scores(draw(6), draw(6), ["one"] * 6, "x")
    assert all(score.ci95 is None and score.ci_method.startswith("none") for score in scores)
    assert all(score.replicates is None for score in scores)


def test_two_images_a_side_are_enough_for_a_value():
    scores = fidelity_scores(draw(2), draw(2), None, "x")
    assert all(torch.isfinite(torch.tensor(score.value)) for score in scores)


@pytest.mark.parametrize(("counts", "groups"), [((1, 5), None), ((4, 5), ["a"] * 5)])
def test_too_few_or_unpaired_images_are_refused(counts, groups):
    with pytest.raises(DataError, match="images"):
        fidelity_scores(draw(counts[0]), draw(counts[1]), groups, "x")
