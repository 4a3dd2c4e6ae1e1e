"""Mirrors rqbench/cli/fidelity_stats.py and rqbench/fidelity/stats.py."""

import json

import numpy as np
import pytest

from rqbench.fidelity import stats as module
from rqbench.fidelity.statistics_file import read_statistics


@pytest.fixture
def images(write_classes, tmp_path):
    """Of the classes a and b, six each, 32x32 pixels."""
    return write_classes(tmp_path / "images")


@pytest.fixture
def stats(rqbench, images, tmp_path, monkeypatch):
    monkeypatch.setenv("RQBENCH_CACHE", str(tmp_path / "cache"))

    def run(*options, pictures=images, out=tmp_path / "a.npz"):
        asked = "fidelity", "stats", pictures, "--out", out, "--protocol=offline", "--device=cpu"
        return rqbench(*asked, *options)

    return run


def test_statistics_of_a_folder_are_written_and_told(stats, tmp_path):
    ended = stats()
    assert (ended.status, ended.out) == (
        0, f"12 pictures of folder:images by offline -> {tmp_path / 'a.npz'}\n"
    )  # fmt: skip
    assert "images/s" in ended.err
    found = read_statistics(tmp_path / "a.npz")
    assert (found.n, found.dim, found.about.extractor) == (12, 1280, "effnetlite0")
    assert np.isfinite(found.sigma).all()


def test_another_network_serves_a_protocol_as_it_does_for_scores(stats, rqbench, images, tmp_path):
    options = "--protocol=clean", "--extractor=effnetlite0"
    assert stats(*options, "--features").status == 0
    told = read_statistics(tmp_path / "a.npz").about
    assert (told.protocol.id, told.extractor) == ("clean, effnetlite0", "effnetlite0")
    scored = "fidelity", "score", tmp_path / "a.npz", images, "--device=cpu"
    assert rqbench(*scored, *options).status == 0
    refused = rqbench(*scored, "--extractor=effnetlite0").err.replace("\n", " ")
    assert "or ask for `--protocol clean --extractor effnetlite0`." in refused


def test_the_second_time_features_come_from_the_cache(stats, tmp_path):
    stats("--features")
    ended = stats("--json", out=tmp_path / "b.npz")
    assert "12 of 12 pictures are in the cache" in ended.err
    told = json.loads(ended.out)
    assert (told["n"], told["dim"], told["file"]) == (12, 1280, str(tmp_path / "b.npz"))
    first, second = (read_statistics(tmp_path / name) for name in ("a.npz", "b.npz"))
    assert np.array_equal(first.sigma, second.sigma)
    assert (first.features.n, second.features) == (12, None)


def test_bad_files_are_named_or_left_out(stats, images):
    (images / "a" / "0.png").write_bytes(b"cut off")
    ended = stats()
    assert (ended.status, ended.out) == (2, "")
    assert "a/0.png of folder:images cannot be used: it is not an image" in ended.err
    ended = stats("--skip-bad")
    assert ended.out.startswith("11 pictures of folder:images")
    assert "left out 1" in ended.err


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--protocol=ofline"], "No protocol is called 'ofline'. Did you mean 'offline'?"),
        (["--out=a.txt"], "a.txt does not end in .npz"),
        (["--system=vq"], "only a run has systems"),
    ],
)
def test_a_wrong_request_ends_with_2_and_a_sentence(stats, options, said):
    ended = stats(*options)
    assert ended.status == 2
    assert said in ended.err
    assert "Traceback" not in ended.err


def test_whoever_stops_it_is_told_where_features_are_kept(stats, monkeypatch, tmp_path):
    def stop(*_, **__):
        raise KeyboardInterrupt

    stats()
    monkeypatch.setattr(module, "write_stats", stop)
    stopped = stats(out=tmp_path / "b.npz")
    assert (stopped.status, stopped.out) == (130, "")
    assert "/cache; the same command goes on from there." in stopped.err


def test_nothing_is_overwritten(stats, tmp_path):
    (tmp_path / "a.npz").write_text("mine")
    assert "is there already" in stats().err
    assert (tmp_path / "a.npz").read_text() == "mine"


def test_one_picture_has_no_covariance(stats, tmp_path):
    np.savez(tmp_path / "one.npz", np.zeros((1, 32, 32, 3), np.uint8))
    ended = stats(pictures=tmp_path / "one.npz")
    assert ended.status == 2
    assert "npz:one.npz has one picture to measure" in ended.err
