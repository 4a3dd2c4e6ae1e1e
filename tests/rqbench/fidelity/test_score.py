"""Mirrors rqbench/fidelity/score.py."""

import shutil
from dataclasses import replace

import numpy as np
import pytest

from rqbench.errors import ConfigError, DataError
from rqbench.fidelity.array_pictures import ArrayPictures
from rqbench.fidelity.open_pictures import open_pictures
from rqbench.fidelity.protocol import FidelityProtocol
from rqbench.fidelity.score import Effort, Source, score
from rqbench.fidelity.stats import write_stats

PROTOCOL = FidelityProtocol(id="test", side=32)


@pytest.fixture
def run(colours, tmp_path, spoken):
    """Score some folders against the first."""

    def run(reference, *candidates, extractor=colours, **options):
        effort = Effort(tmp_path / "cache", workers=1, console=spoken)
        sources = [Source(path) for path in candidates]
        return score(Source(reference), sources, PROTOCOL, extractor, effort=effort, **options)

    return run


@pytest.fixture
def real(write_noise):
    return write_noise("real", 20)


def test_a_set_does_not_differ_from_itself_in_any_score(run, real, write_noise):
    fake = write_noise("fake", 20, seed=1)
    found = run(real, fake, fake)
    differences = list(found.differences())
    known = [each.score for each in found.rated[0] if each.ci95 is not None]
    assert [first.score for first, _ in differences] == known
    assert {"fid", "fid_corrected", "kid", "inception_score"} <= set(known)
    assert {(between.value, between.p_value) for _, between in differences} == {(0.0, 1.0)}


def test_a_set_that_is_worse_in_colour_is_worse_in_distance(run, real, write_noise):
    near, far = write_noise("near", 20, seed=1), write_noise("far", 20, seed=2, like=200)
    found = run(real, near, far)
    between = {first.score: difference for first, difference in found.differences()}
    assert between["fid"].value < 0 and between["fid"].p_value < 0.05
    assert between["kid"].value < 0 and between["kid"].p_value < 0.05


def test_one_set_alone_has_no_differences(run, real, write_noise):
    assert list(run(real, write_noise("fake", 20, seed=1)).differences()) == []


def test_statistics_cannot_be_the_candidate(run, real, tmp_path):
    np.savez(tmp_path / "saved.npz", mu=np.zeros(6), sigma=np.eye(6))
    with pytest.raises(ConfigError, match="holds statistics and no pictures"):
        run(real, tmp_path / "saved.npz")


def test_statistics_as_the_reference_are_said_to_lack_features(run, write_noise, tmp_path):
    np.savez(tmp_path / "saved.npz", mu=np.zeros(6), sigma=np.eye(6))
    found = run(tmp_path / "saved.npz", write_noise("fake", 20))
    assert [each.score for each in found.rated[0]] == ["fid", "fid_corrected", "inception_score"]
    assert any("statistics alone, without the features" in note for note in found.notes)
    assert "statistics without a count are taken as exact" in found.notes
    assert any("does not say by which protocol it was made" in note for note in found.notes)


def test_an_extractor_without_classes_is_said_to_have_no_inception_score(
    run, real, write_noise, colours
):
    fake = write_noise("fake", 20, seed=1)
    assert not any("no Inception score" in note for note in run(real, fake).notes)
    silent = replace(colours, num_classes=0)
    assert "colours names no classes, so no Inception score" in run(
        real, fake, extractor=silent
    ).notes  # fmt: skip


def test_a_trap_is_met_with_each_candidate_and_strictly_an_error(run, real, write_noise):
    fake, fewer = write_noise("fake", 20, seed=1), write_noise("fewer", 19, seed=2)
    first, second = run(real, fake, fewer).traps
    assert {trap.name for trap in second} - {trap.name for trap in first} == {"unequal-counts"}
    with pytest.raises(DataError, match=r"unequal-counts: .*\n.*Without --strict") as caught:
        run(real, fake, fewer, strict=True)
    assert str(caught.value).count("unequal-counts") == 1


def test_copies_of_training_pictures_are_found(run, real, write_noise):
    training = write_noise("training", 12, seed=5)
    found = run(real, training, write_noise("new", 12, seed=6), training=Source(training))
    copied, new = ({each.score: each.value for each in rated} for rated in found.rated)
    assert (copied["nearer_to_training_share"], copied["training_copies_share"]) == (1.0, 1.0)
    assert new["nearer_to_training_share"] < 0.9
    assert found.training is not None and found.training.name == "folder:training"


def test_the_second_time_features_come_from_the_cache(run, real, write_noise, spoken):
    fake = write_noise("fake", 20, seed=1)
    first = run(real, fake)
    assert "in the cache" not in spoken.file.getvalue()
    second = run(real, fake)
    assert "20 of 20 pictures are in the cache" in spoken.file.getvalue()
    values = [[each.value for each in found.rated[0]] for found in (first, second)]
    assert values[0] == values[1]


def test_folders_of_one_name_in_two_places_are_told_apart(run, real, write_noise, tmp_path):
    (tmp_path / "elsewhere").mkdir()
    found = run(real, write_noise("elsewhere/real", 20, seed=1), write_noise("fake", 20, seed=2))
    assert found.reference.name == "folder:real"
    assert [each.name for each in found.candidates] == ["folder:real (2)", "folder:fake"]


def test_candidates_of_the_same_contents_are_told_apart_too(run, real, write_noise, tmp_path):
    fake = write_noise("fake", 20, seed=1)
    found = run(real, fake, shutil.copytree(fake, tmp_path / "elsewhere" / "fake"), real, real)
    assert found.reference.name == "folder:real"
    assert [each.name for each in found.candidates] == [
        "folder:fake", "folder:fake (2)", "folder:real", "folder:real (2)",
    ]  # fmt: skip


def test_what_other_numbers_of_pictures_change_is_not_compared(run, real, write_noise):
    found = run(real, write_noise("fake", 20, seed=1), write_noise("fewer", 10, seed=2))
    compared = {first.score for first, _ in found.differences()}
    assert {"fid_corrected", "kid"} <= compared <= {"fid_corrected", "kid", "precision", "density"}
    assert any("by these numbers alone" in note for note in found.notes)


def test_pairs_share_the_photographs_that_one_side_names(run, colours, write_noise, tmp_path):
    pixels = np.random.default_rng(0).integers(256, size=(20, 8, 8, 3), dtype=np.uint8)
    crops = ArrayPictures("run:held-out", pixels, clusters=[f"{place % 4}" for place in range(20)])
    saved = tmp_path / "crops.npz"
    write_stats(crops, PROTOCOL, colours, saved, keep_features=True, cache=tmp_path / "cache")
    found = run(saved, write_noise("fake", 20, seed=1), is_paired=True)
    assert found.candidates[0].num_photographs == 4
    kernel = next(each for each in found.rated[0] if each.score == "kid")
    assert "summed over 4 photographs of pairs" in kernel.method


def test_pairs_are_refused_where_pictures_were_left_out(colours, real, write_noise, tmp_path):
    fake = write_noise("fake", 20, seed=1)
    sorted(real.iterdir())[0].write_bytes(b"no picture")
    sorted(fake.iterdir())[-1].write_bytes(b"no picture")
    effort = Effort(tmp_path / "cache", workers=1, skip_bad=True)
    with pytest.raises(DataError, match="places do not say which belong together"):
        score(Source(real), [Source(fake)], PROTOCOL, colours, is_paired=True, effort=effort)


def test_saved_features_remember_that_pictures_were_left_out(
    run, colours, real, write_noise, tmp_path
):
    sorted(real.iterdir())[0].write_bytes(b"no picture")
    saved, pictures = tmp_path / "real.npz", open_pictures(real, None)
    write_stats(
        pictures, PROTOCOL, colours, saved, keep_features=True, skip_bad=True,
        cache=tmp_path / "cache",
    )  # fmt: skip
    with pytest.raises(DataError, match="folder:real lacks pictures that were left out"):
        run(saved, write_noise("fake", 19, seed=1), is_paired=True)


def test_crops_of_few_photographs_have_error_bars_by_photograph_and_statistics_keep_them(
    run, colours, write_noise, tmp_path
):
    pixels = np.random.default_rng(0).integers(256, size=(20, 8, 8, 3), dtype=np.uint8)
    crops = ArrayPictures("run:held-out", pixels, clusters=[f"{place % 4}" for place in range(20)])
    saved = tmp_path / "crops.npz"
    write_stats(crops, PROTOCOL, colours, saved, keep_features=True, cache=tmp_path / "cache")
    found = run(saved, write_noise("fake", 20, seed=1))
    assert any("are crops of 4 photographs. Error bars" in note for note in found.notes)
    kernel = next(each for each in found.rated[0] if each.score == "kid")
    assert "summed over 4 photographs of the reference" in kernel.method


def test_pairs_of_unequal_numbers_are_refused_before_any_picture_is_measured(
    run, real, write_noise, spoken
):
    fake, fewer = write_noise("fake", 20, seed=1), write_noise("fewer", 19, seed=2)
    with pytest.raises(DataError, match="fewer cannot pair with folder:real: 19 pictures against"):
        run(real, fake, fewer, is_paired=True)
    assert "features of" not in spoken.file.getvalue()
    run(real, fake, is_paired=True, training=Source(fewer))


def test_what_cannot_be_opened_is_told_before_any_picture_is_measured(run, real, tmp_path, spoken):
    (tmp_path / "empty").mkdir()
    with pytest.raises(DataError, match="holds no images"):
        run(real, tmp_path / "empty")
    assert "features of" not in spoken.file.getvalue()
