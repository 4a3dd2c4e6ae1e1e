"""Mirrors rqbench/cli/sample.py."""

import json

import numpy as np
import pytest

SYSTEM = "vq-4x4 + raster"
STACKED = "rq-4x4x4 + depth-stacked"


def test_samples_are_written_and_told_of(rqbench, finished, tmp_path):
    out = tmp_path / "out"
    asked = ("sample", finished.run, "--system", SYSTEM, "--num=3", "--out", out, "--device=cpu")
    ended = rqbench(*asked)
    assert (ended.status, ended.out) == (0, f"3 samples of {SYSTEM} -> {out}\n")
    assert len(list((out / "images").glob("*.png"))) == 3
    assert (out / "sheet.png").is_file()
    assert rqbench(*asked).out == f"3 samples of {SYSTEM}, complete before -> {out}\n"
    told = json.loads(rqbench(*asked, "--json").out)
    assert told == {"system": SYSTEM, "folder": str(out), "num": 3, "found": {}}


def test_options_change_the_systems_own_settings(rqbench, finished, tmp_path):
    ended = rqbench(
        "sample", finished.run, "--system", STACKED, "--num", 1, "--out", tmp_path / "out",
        "--device", "cpu", "--seed", 5, "--temperature", 0.5, *("--top-k", 3) * 3, "--top-k", 2,
        "--top-p", 0.9, "--position-top-k", 4, "--npz",
    )  # fmt: skip
    assert ended.status == 0
    facts = json.loads((tmp_path / "out" / "samples.json").read_text())
    assert (facts["seed"], facts["format"], facts["num"]) == (5, "npz", 1)
    assert facts["sampling"]["top_k"] == [3, 3, 3, 2]
    assert facts["sampling"]["top_p"] == 0.9
    assert facts["sampling"]["position_top_k"] == 4
    assert facts["sampling"]["position_temperature"] == 1


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ([], "has 2 systems; name one with --system"),
        (["--system", "vq"], "no complete system 'vq'"),
        (["--system", SYSTEM, "--class", "cat"], "--class has nothing to go by"),
        (["--system", SYSTEM, "--accept", "0.1"], "--accept has nothing to go by"),
        (["--system", SYSTEM, "--accept", "2"], "sample.accept: Input should be less than 1"),
        (["--system", SYSTEM, "--temperature", "0"], "sampling.temperature: Input should be great"),
        (["--system", SYSTEM, "--guidance", "2"], "Guidance strengthens a condition"),
        (["--system", SYSTEM, "--share", "3/2"], "--share 3/2 names no share. Write I/N"),
    ],
)
def test_a_wrong_request_ends_with_2_and_a_sentence(rqbench, finished, tmp_path, arguments, said):
    ended = rqbench("sample", finished.run, "--out", tmp_path / "out", "--device=cpu", *arguments)
    assert ended.status == 2
    assert said in ended.err
    assert "Traceback" not in ended.err


def test_a_share_says_what_it_drew_what_is_missing_and_what_to_type_next(
    rqbench, imported, tmp_path
):
    out = tmp_path / "out"
    asked = ("sample", imported, "--num=5", "--batch=2", "--device=cpu", "--out", out)
    ended = rqbench(*asked, "--share=1/2")
    assert (ended.status, ended.out) == (
        0,
        f"share 1/2 of zoo: 3 samples drawn -> {out}\n"
        "3 of 5 samples are on disk; not yet: 2 of share 2/2. Once all shares have ended, give the "
        "same command without --share: it draws what is still missing, and writes the images.\n",
    )
    assert "share 1/2: 3 of 5 samples, 3 of them not drawn yet" in ended.err
    again = rqbench(*asked, "--share=1/2").out
    assert again.startswith("share 1/2 of zoo: its 3 samples were drawn before -> ")
    told = {"system": "zoo", "folder": str(out), "share": "2/2", "drawn": 2, "on_disk": 5, "of": 5}
    assert json.loads(rqbench(*asked, "--share=2/2", "--json").out) == {
        **told, "missing": {}, "complete_before": False,
    }  # fmt: skip
    assert rqbench(*asked, "--share=9/9").out == (
        f"share 9/9 of zoo: nothing to draw, as there are more shares than batches -> {out}\n"
        "All 5 samples are on disk. Give the same command without --share to write the images.\n"
    )
    assert rqbench(*asked).out == f"5 samples of zoo -> {out}\n"
    assert rqbench(*asked, "--share=2/2").out == (
        f"samples of zoo, complete before; nothing is left to do -> {out}\n"
    )


def test_shares_of_other_settings_are_refused_by_what_differs(rqbench, imported, tmp_path):
    asked = ("sample", imported, "--num=5", "--device=cpu", "--out", tmp_path / "out")
    assert rqbench(*asked, "--batch=2", "--share=1/2").status == 0
    for other, said in (
        ("--batch=4", "holds shares drawn in batches of 2, and this one would draw batches of 4"),
        ("--seed=9", "holds samples with seed 0, not 9"),
    ):
        ended = rqbench(*asked, "--batch=2", other, "--share=2/2")
        assert ended.status == 2
        assert said in " ".join(ended.err.split())


def test_rejection_says_how_good_its_classifier_is(rqbench, tmp_path, monkeypatch, finished):
    from rqbench import sample as package
    from rqbench.sample import Sampled

    found = {
        "candidates": 20, "kept": 2, "mean_probability": {"candidates": 0.25, "kept": 0.75},
        "classifier": {
            "extractor": "effnetlite0", "held_out_accuracy": 0.8, "held_out_images": 50,
            "held_out_accuracy_ci95": [0.7, 0.9], "largest_class_share": 0.1,
        },
    }  # fmt: skip
    monkeypatch.setattr(package, "sample", lambda *facts: Sampled(tmp_path, 2, found, True))
    said = rqbench("sample", finished.run, "--system", SYSTEM, "--out", tmp_path, "--num=2").out
    assert "kept 2 of 20 candidates" in said
    assert "right on 80.0% [70.0%, 90.0%] of 50 held-out images" in said
    assert "always guessing one class would be on 10.0%" in said
    assert "features of effnetlite0 are flattered" in said


def test_an_imported_system_is_drawn_from(rqbench, imported, tmp_path):
    asked = ("sample", imported, "--num=3", "--npz", "--truncate", "--device=cpu")
    ended = rqbench(*asked, "--class=2", "--class=0", "--out", tmp_path / "out")
    assert (ended.status, ended.out) == (0, f"3 samples of zoo -> {tmp_path / 'out'}\n")
    with np.load(tmp_path / "out" / "samples.npz") as arrays:
        assert arrays["arr_1"].tolist() == [2, 0, 2]
    np.save(tmp_path / "rows.npy", np.array([[2], [0]]))
    rqbench(*asked, "--condition", tmp_path / "rows.npy", "--out", tmp_path / "given")
    with np.load(tmp_path / "given" / "samples.npz") as arrays:
        assert arrays["arr_1"].tolist() == [2, 0, 2]


def test_a_prior_alone_needs_its_tokenizer(rqbench, imported, tmp_path):
    asked = ("sample", imported / "prior", "--num=1", "--device=cpu", "--out", tmp_path / "out")
    ended = rqbench(*asked)
    assert ended.status == 2
    assert "drawing images needs two: a prior and the tokenizer of its codes" in ended.err
    ended = rqbench(*asked, "--tokenizer", imported / "tokenizer")
    assert (ended.status, ended.out) == (0, f"1 sample of prior -> {tmp_path / 'out'}\n")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--class", "3"], "'zoo' knows no class '3'"),
        (["--accept", "0.1"], "'zoo' was not trained here"),
        (["--system", "zoo"], "is one system"),
        (["--guidance", "2"], "has not learned to do without its condition"),
    ],
)
def test_what_an_imported_system_cannot_do_is_said(rqbench, imported, tmp_path, arguments, said):
    ended = rqbench("sample", imported, "--out", tmp_path / "out", "--device=cpu", *arguments)
    assert ended.status == 2
    assert said in ended.err
    assert not (tmp_path / "out").exists()
