"""Mirrors rqbench/cli/fidelity_score.py and rqbench/cli/fidelity_score_tables.py."""

import json
import re
import shutil

import numpy as np
import pytest
from PIL import Image

from rqbench.errors import UnsupportedError
from rqbench.fidelity import score as module
from rqbench.fidelity import sensitivity
from rqbench.metrics import extractor as extractors


@pytest.fixture
def here(tmp_path, monkeypatch, colours):
    """A folder to work in, where every protocol's network is one that looks at colours."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("RQBENCH_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr(extractors, "load_extractor", lambda *_, **__: colours)
    return tmp_path


@pytest.fixture
def pair(here, write_noise):
    return write_noise("real", 20), write_noise("fake", 20, seed=1)


@pytest.fixture
def score(rqbench, here):
    return lambda *options: rqbench("fidelity", "score", *options, "--device=cpu")


def row(out, name):
    [found] = [line for line in out.splitlines() if line.startswith(f"| {name} ")]
    return [cell.strip() for cell in found.strip("|").split("|")]


def test_every_score_stands_with_its_interval_and_all_rests_on_a_protocol(score, pair):
    ended = score("real", "fake")
    assert ended.status == 0
    assert "folder:fake against folder:real" in ended.out
    assert row(ended.out, "score")[0] == "score (colours)"
    for name in ("fd ↓", "kid ↓", "is ↑", "precision ↑"):
        name, value, error, interval = row(ended.out, name)
        low, high = map(float, interval.split(" .. "))
        assert low <= float(value) <= high and float(error) > 0
        numbers = value, error, *interval.split(" .. ")
        decimals = {len(number.partition(".")[2]) for number in numbers}
        assert len(decimals) == 1
    assert "protocol torch-fidelity, SHA-256" in ended.out
    assert "reference: folder:real, 20 pictures\nscored: folder:fake, 20 pictures" in ended.out
    assert "recall, density, coverage: interval: jackknife" in ended.out


def test_a_distance_at_infinity_that_few_pictures_do_not_tell_is_none(score, here, write_noise):
    write_noise("real", 10), write_noise("fake", 10, seed=1)
    out = score("real", "fake", "--infinity").out
    assert row(out, "fd_infinity ↓")[1:] == ["none", "", ""]


def test_two_sets_are_compared_with_a_p_value(score, pair, write_noise):
    write_noise("other", 20, seed=2, like=200)
    out = score("real", "fake", "--against", "other").out
    assert "folder:fake less folder:other" in out
    difference = out[out.index("less folder:other") :]
    _, value, _, p, smallest = row(difference, "fd ↓")
    assert (value[0], p) == ("-", "< 0.001")
    assert 0 < float(smallest) < -float(value)


def test_both_ends_of_a_difference_s_interval_have_their_sign(score, pair, write_noise):
    write_noise("other", 20, seed=2, like=200)
    out = score("real", "other", "--against", "fake").out
    _, value, interval, *_ = row(out[out.index("less folder:fake") :], "fd ↓")
    assert [value[0], *(end[0] for end in interval.split(" .. "))] == ["+", "+", "+"]


def test_json_is_all_that_is_on_standard_output(score, pair):
    told = json.loads(score("real", "fake", "--json").out)
    assert told["extractor"] == "colours"
    assert [trap["name"] for trap in told["candidates"][0]["traps"]] == ["few-images"]


def test_a_report_shows_all_that_score_shows(score, rqbench, pair, here, write_noise):
    write_noise("other", 20, seed=2, like=200)
    ended = score("real", "fake", "--against", "other", "--out", "out")
    assert ended.status == 0
    report = rqbench("report", "out")
    assert report.status == 0
    page = (here / "out" / "report" / "README.md").read_text()
    for part in ("| folder:fake", "n = 20, folder:real", "FD corrected ↓", "precision ↑"):
        assert part in page
    assert "training seed" not in page
    assert "- warning: few-images: " in page and "SHA-256" in page
    difference = next(line for line in page.splitlines() if line.startswith("| folder:fake | f"))
    assert "| FD ↓ " in difference and "< 0.001" in difference
    hashes = re.findall(r"[0-9a-f]{12}(?= of folder:fake)", ended.out)
    assert f"protocol torch-fidelity ({hashes[0]})" in page  # score says what records call it
    assert "is there already" in score("real", "fake", "--out", "out").err


def test_copies_are_shown_with_their_interval(score, pair, write_noise):
    write_noise("training", 12, seed=5)
    out = score("real", "training", "--training", "training").out
    assert row(out, "nearer_to_training_share")[1] == "1"
    assert row(out, "training_copies_share ↓")[1:] == ["1.000", "", "0.758 .. 1.000"]
    assert "training: folder:training, 12 pictures" in out
    assert "Wilson, 12 samples" in out


def test_statistics_as_the_reference_say_what_they_do_not_allow(score, pair, here):
    np.savez(here / "real.npz", mu=np.full(6, 60.0), sigma=np.eye(6))
    out = score("real.npz", "fake").out
    assert "| kid" not in out and row(out, "fd_corrected ↓")
    assert "note: statistics:real is statistics alone" in out
    assert "reference: statistics:real, an unknown number of pictures" in out
    refused = score("real.npz", "fake", "--training", "fake")
    assert refused.status == 2 and "is statistics alone, and copies are told" in refused.err


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["real", "fake", "-p", "tamming"], "Did you mean 'taming'?"),
        (["real", "fake", "--extractor", "effnetlite"], "Did you mean 'effnetlite0'?"),
        (["real", "fake", "--system", "vq"], "only a run has systems"),
        (["real", "fake", "--against-system", "vq"], "Give that too"),
        (["real", "fake", "--sensitivity", "--out", "x"], "--sensitivity prints"),
        (["fake", "real.npz"], "holds statistics and no pictures"),
        (["real", "fake", "--training", "real"], "All pictures of folder:real are training"),
    ],
)
def test_a_wrong_request_ends_with_2_and_a_sentence(score, pair, here, options, said):
    np.savez(here / "real.npz", mu=np.zeros(6), sigma=np.eye(6))
    ended = score(*options)
    assert (ended.status, ended.out) == (2, "")
    assert said in " ".join(ended.err.split())
    assert "Traceback" not in ended.err


def test_sensitivity_shows_the_spread_and_what_was_left_out(score, pair, monkeypatch, colours):
    def load(protocol, *_):
        if protocol.extractor == "effnetlite0":
            raise UnsupportedError("its weights are elsewhere")
        return colours

    monkeypatch.setattr(sensitivity, "load_extractor", load)
    out = score("real", "fake", "--sensitivity").out
    assert "\ntorch-fidelity, taming, truncate: features of colours" in out
    table, _ = out.split("\n\n", 1)  # the first: others have no room beside it
    assert row(table, "protocol (colours)")[1:5] == ["fd", "fd_corrected", "kid", "is"]
    assert row(table, "torch-fidelity +2")[1] == row(table, "clean")[1]
    first, other = (row(table, name)[4] for name in ("torch-fidelity +2", "adm"))
    low, high = sorted(float(cell.split(" ± ")[0]) for cell in (first, other))
    assert row(table, "spread")[1] == "0 (0.0%)"
    amount, share = row(table, "spread")[4].split()
    assert abs(float(amount) - (high - low)) < 0.01 * low and share.endswith("%)")
    assert "left out offline: its weights are elsewhere" in out
    told = json.loads(score("real", "fake", "--sensitivity", "--json").out)
    assert told["left_out"] == {"offline": "its weights are elsewhere"}
    assert told["scored"][0]["protocols"] == ["torch-fidelity", "taming", "truncate"]


@pytest.mark.parametrize("options", [[], ["--sensitivity"]])
def test_whoever_stops_it_is_told_where_features_are_kept(score, pair, monkeypatch, options):
    def stop(*_, **__):
        raise KeyboardInterrupt

    monkeypatch.setattr(module, "rate", stop)
    stopped = score("real", "fake", *options)
    assert (stopped.status, stopped.out) == (130, "")
    assert "What is done is kept in" in stopped.err
    assert "/cache; the same command goes on from there." in stopped.err


def test_reconstructions_have_errors_of_pairs_and_no_corrected_distance(score, write_noise):
    reconstructed(write_noise)
    alone, pairs = score("real", "fake").out, score("real", "fake", "--paired").out
    assert "fd_corrected" in alone and "fd_corrected" not in pairs
    assert "warning: paired: " in alone and "warning: paired: " not in pairs
    assert float(row(pairs, "fd ↓")[2]) < float(row(alone, "fd ↓")[2])
    assert "jackknife over 16 groups of pairs" in pairs


def test_reconstructions_without_all_their_originals_are_refused(score, pair, write_noise):
    write_noise("fewer", 19)
    refused = score("real", "fewer", "--paired")
    assert refused.status == 2
    assert "folder:fewer cannot pair with folder:real" in refused.err


def by_class(write_noise):
    """Two classes one after the other, of other colours than each other."""
    for folder, seed in (("real", 0), ("fake", 100)):
        write_noise(folder, 10, seed=seed, classes="a", like=60)
        write_noise(folder, 10, seed=seed + 1, classes="b", like=180)


def few(write_noise):
    write_noise("real", 20), write_noise("fake", 20, seed=1)


def unequal(write_noise):
    write_noise("real", 20), write_noise("fake", 16, seed=1)


def repeated(write_noise):
    root = write_noise("fake", 19, seed=1)
    shutil.copy(root / "003.png", root / "again.png")
    write_noise("real", 20)


def mixed(write_noise):
    write_noise("real", 20), write_noise("fake", 20, seed=1)
    Image.new("RGB", (64, 32)).save(write_noise("fake", 19, seed=1) / "019.png")


def mismatched(write_noise):
    write_noise("real", 20), write_noise("fake", 20, seed=1, side=48)


def compressed(write_noise):
    write_noise("real", 20), write_noise("fake", 20, seed=1, ending=".jpg")


def enlarged(write_noise):
    write_noise("real", 20)
    for path in write_noise("fake", 20, seed=1, side=16).iterdir():
        Image.open(path).resize((32, 32), Image.Resampling.NEAREST).save(path)


def unbalanced(write_noise):
    write_noise("real", 40, classes="ab"), write_noise("fake", 40, seed=1, classes="aaaaaaaaab")


def reconstructed(write_noise):
    fake = write_noise("fake", 20)
    for path in write_noise("real", 20).iterdir():
        pixels = np.asarray(Image.open(path)).astype(int) + 2
        Image.fromarray(pixels.clip(0, 255).astype(np.uint8)).save(fake / path.name)


TRAPS = {
    "class-sorted": by_class,
    "few-images": few,
    "unequal-counts": unequal,
    "duplicates": repeated,
    "mixed-sizes": mixed,
    "mismatched-sizes": mismatched,
    "jpeg-against-png": compressed,
    "upscaled": enlarged,
    "unbalanced-classes": unbalanced,
    "paired": reconstructed,
}


@pytest.mark.parametrize("name", TRAPS)
def test_each_trap_is_told_once_and_strictly_an_error(score, here, write_noise, name):
    TRAPS[name](write_noise)
    (here / "by-place.yaml").write_text("id: by-place\nis_shuffle: false\n")
    protocol = "by-place.yaml" if name == "class-sorted" else "torch-fidelity"
    asked = "real", "fake", "--protocol", protocol
    told = score(*asked)
    assert told.status == 0
    met = [line.split(": ")[1] for line in told.out.splitlines() if line.startswith("warning: ")]
    assert met.count(name) == 1
    assert set(met) <= {name, "few-images"}
    refused = score(*asked, "--strict")
    assert (refused.status, refused.out) == (2, "")
    assert refused.err.count(f"{name}: ") == 1


def test_sensitivity_tells_the_traps_of_every_protocol(score, write_noise, monkeypatch, colours):
    monkeypatch.setattr(sensitivity, "load_extractor", lambda *_: colours)
    by_class(write_noise)
    out = score("real", "fake", "--sensitivity").out
    [told] = [line for line in out.splitlines() if line.startswith("warning: class-sorted: ")]
    assert told.endswith("(by adm)")  # the first protocol of the list shuffles
    assert out.count("warning: few-images: ") == 1
