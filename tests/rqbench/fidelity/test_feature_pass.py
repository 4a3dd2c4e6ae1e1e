"""Mirrors rqbench/fidelity/feature_pass.py."""

import numpy as np
import pytest
import torch
from torch import nn

from rqbench.data.images import BadImageError
from rqbench.errors import DataError
from rqbench.fidelity import chunk_store
from rqbench.fidelity.feature_pass import feature_pass
from rqbench.fidelity.folder_pictures import FolderPictures
from rqbench.metrics.extractor_errors import NonFiniteFeaturesError


@pytest.fixture
def small_chunks(monkeypatch):
    """Of four pictures about, and six at most."""
    monkeypatch.setattr(chunk_store, "MEAN", 4)
    monkeypatch.setattr(chunk_store, "MOST", 6)


@pytest.fixture
def run(mean_extractor, tmp_path, progress):
    """Pass over a folder of images."""

    def run(root, extractor=mean_extractor, batch=3, **options):
        pictures = FolderPictures(root)
        return feature_pass(pictures, extractor, tmp_path / "cache", 2, batch, progress, **options)

    return run


def test_each_picture_has_its_features_and_facts_in_the_order_of_names(run, numbered, small_chunks):
    found = run(numbered(20))
    assert found.features().tolist() == [[n, 4, 6] for n in range(20)]
    assert found.logits().tolist() == [[2 * n, 1] for n in range(20)]
    assert [fact.name for fact in found.facts] == [f"{n:03d}.png" for n in range(20)]
    assert {(fact.width, fact.height) for fact in found.facts} == {(4, 6)}


def test_pictures_of_mixed_sizes_go_together_by_size_and_keep_their_order(run, write_greys, mean):
    write_greys({f"{n}.png": n for n in (0, 2, 4, 6)}, size=(4, 4))
    root = write_greys({f"{n}.png": n for n in (1, 3, 5, 7)}, size=(8, 2))
    found = run(root, batch=4)
    assert found.features().tolist() == [[n, 8, 2] if n % 2 else [n, 4, 4] for n in range(8)]
    assert mean.batches == [4, 4]


def test_what_is_in_the_cache_is_not_seen_again(run, numbered, mean, spoken):
    root = numbered(9)
    first = run(root)
    again = run(root)
    assert sum(mean.batches) == 9
    assert np.array_equal(first.features(), again.features())
    assert first.facts == again.facts
    assert "9 of 9 pictures are in the cache" in spoken.file.getvalue()


def test_new_names_and_classes_of_the_same_pictures_come_from_the_cache(
    run, numbered, write_greys, mean
):
    run(numbered(3))
    moved = run(write_greys({f"cat/{n}.png": n for n in range(3)}, folder="moved"))
    assert sum(mean.batches) == 3
    assert [(fact.name, fact.label) for fact in moved.facts] == [
        ("cat/0.png", "cat"), ("cat/1.png", "cat"), ("cat/2.png", "cat")
    ]  # fmt: skip


def test_another_extractor_shares_no_features(run, numbered, mean, build_extractor):
    root = numbered(3)
    run(root)
    run(root, extractor=build_extractor(mean, weights="ef" * 32))
    assert sum(mean.batches) == 6


@pytest.mark.parametrize("place", ["000a", "020a", "099a"])
def test_an_added_picture_computes_one_chunk_again_wherever_it_comes(
    run, numbered, write_greys, mean, small_chunks, place
):
    root = numbered(60)
    run(root)
    del mean.batches[:]
    write_greys({f"{place}.png": 200})
    found = run(root)
    assert 200 in found.features()[:, 0]
    assert 1 <= sum(mean.batches) <= 12  # at most two chunks: it may split one


def test_a_stopped_pass_goes_on_where_it_stopped(
    run, numbered, mean, small_chunks, build_extractor
):
    class Stopping(nn.Module):
        def forward(self, pixels):
            if sum(mean.batches) > 30:
                raise KeyboardInterrupt
            return mean(pixels)

    root = numbered(60)
    with pytest.raises(KeyboardInterrupt):
        run(root, extractor=build_extractor(Stopping()))
    del mean.batches[:]
    found = run(root)
    assert sum(mean.batches) < 40
    assert found.features()[:, 0].tolist() == list(range(60))


def test_a_damaged_chunk_is_computed_again(run, numbered, tmp_path):
    root = numbered(4)
    run(root)
    [path] = (tmp_path / "cache").rglob("features.npy")
    path.write_bytes(path.read_bytes()[:-1] + b"\x01")
    assert run(root).features()[:, 0].tolist() == [0, 1, 2, 3]


def test_a_bad_file_is_named_or_left_out_each_time(run, numbered, tmp_path):
    root = numbered(4)
    (root / "001.png").write_bytes(b"no picture")
    (root / "003.png").unlink()
    (root / "003.png").symlink_to("nowhere")
    for _ in range(2):
        with pytest.raises(BadImageError, match=r"^00[13]\.png of folder:\S+ cannot be used"):
            run(root)
        found = run(root, skip_bad=True)
        assert [fact.name for fact in found.facts] == ["000.png", "002.png"]
        assert found.features()[:, 0].tolist() == [0, 2]
        assert found.skipped == [
            "001.png: it is not an image that Pillow can read",
            "003.png: no such file or directory",
        ]


def test_pictures_that_are_left_out_leave_no_photograph_behind(
    numbered, mean_extractor, tmp_path, progress
):
    root = numbered(4)
    (root / "001.png").write_bytes(b"no picture")
    pictures = FolderPictures(root)
    pictures.clusters = ["a", "b", "c", "a"]
    found = feature_pass(
        pictures, mean_extractor, tmp_path / "cache", 1, 3, progress, skip_bad=True
    )
    assert found.clusters == ["a", "c", "a"]


def test_a_set_without_one_good_picture_is_refused(run, tmp_path):
    (tmp_path / "bad").mkdir()
    (tmp_path / "bad" / "x.png").write_bytes(b"no picture")
    with pytest.raises(DataError, match=r"None of the pictures of folder:bad.*x\.png: it is not"):
        run(tmp_path / "bad", skip_bad=True)


def test_features_that_are_not_finite_are_refused_with_the_picture_s_name(
    run, numbered, mean, build_extractor
):
    class Broken(nn.Module):
        def forward(self, pixels):
            features, logits = mean(pixels)
            return torch.where(features == 2, torch.nan, features), logits

    with pytest.raises(
        NonFiniteFeaturesError, match=r"The features of 002\.png of folder:images are not"
    ):
        run(numbered(4), extractor=build_extractor(Broken()))


def test_a_file_that_changes_between_reading_and_measuring_is_refused(
    run, numbered, write_greys, monkeypatch
):
    root = numbered(4)
    read = FolderPictures.encoded
    times = []

    def encoded(self, index):
        times.append(index)
        if times.count(2) == 2:
            write_greys({"002.png": 99})
        return read(self, index)

    monkeypatch.setattr(FolderPictures, "encoded", encoded)
    with pytest.raises(DataError, match=r"002\.png of folder:images changed while it was measured"):
        run(root)


def test_it_says_how_fast_it_is(run, numbered, spoken):
    run(numbered(4))
    assert "images/s" in spoken.file.getvalue()
