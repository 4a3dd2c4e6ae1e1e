"""Mirrors rqbench/cli/evaluate.py."""

import csv
import json

import pytest


@pytest.fixture
def images(write_classes, tmp_path):
    """Of the classes a and b, six each, 32x32 pixels."""
    return write_classes(tmp_path / "images")


def test_a_table_that_can_be_pasted_ends_the_command(rqbench, imported, images, tmp_path):
    out = tmp_path / "out"
    ended = rqbench(
        "evaluate", imported / "tokenizer", images, "--out", out, "--device=cpu",
        "--reconstructions", "--num=5",
    )  # fmt: skip
    assert ended.status == 0
    assert "| measure " in ended.out
    assert "| rate_nominal_bpp ↓ " in ended.out
    assert "tokenizer on 5 images of folder:images; crop: centre square, the shorter" in ended.out
    assert "images/s" in ended.err
    with (out / "images.csv").open(newline="") as file:
        lines = list(csv.DictReader(file))
    assert [line["image"] for line in lines] == [
        "a/0.png", "a/2.png", "a/4.png", "b/1.png", "b/3.png"
    ]  # fmt: skip
    assert len(list((out / "reconstructions").rglob("*.png"))) == 5
    assert (out / "sheet.png").is_file()


def test_json_holds_every_number_and_note(rqbench, imported, images, tmp_path):
    out = tmp_path / "out"
    ended = rqbench("evaluate", imported, images, "--out", out, "--device=cpu", "--json")
    told = json.loads(ended.out)
    assert (told["tokenizer"], told["data"], told["images"]) == ("zoo", "folder:images", 12)
    assert told["folder"] == str(out)
    assert told["notes"][0].startswith("no prior rate: a/0.png lies in no sub-folder")
    values = {record["metric"]: record["value"] for record in told["records"]}
    assert values["rate_nominal_bpp"] == 3 * 16 / 256
    assert not {"raw", "clusters"} & told["records"][0].keys()


def test_options_change_what_is_cut(rqbench, imported, images, tmp_path):
    asked = ("evaluate", imported / "tokenizer", images, "--device=cpu", "--json")
    hashes = set()
    for number, options in enumerate(
        ([], ["--filter=lanczos"], ["--no-antialias"], ["--crop=center"], ["--resolution=24"],
         ["--crop=whole"])
    ):  # fmt: skip
        ended = rqbench(*asked, "--out", tmp_path / str(number), *options)
        records = json.loads(ended.out)["records"]
        hashes |= {each["protocol_hash"] for each in records if each["metric"] == "psnr_db"}
    assert len(hashes) == 6


def test_a_run_is_evaluated_by_name_into_a_folder_of_that_name(
    rqbench, finished, images, tmp_path, monkeypatch
):
    monkeypatch.chdir(tmp_path)
    ended = rqbench("evaluate", finished.run, images, "--tokenizer=vq-4x4", "--device=cpu")
    assert (ended.status, ended.out.splitlines()[-1]) == (0, "-> evaluation/vq-4x4")
    ended = rqbench("evaluate", finished.run, images, "--system", "vq-4x4 + raster", "--device=cpu")
    assert "rate_prior_bpp" in ended.out
    assert ended.out.splitlines()[-1] == "-> evaluation/vq-4x4+raster"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--crop", "whole", "--resolution", "16"], "leave out --resolution"),
        (["--resolution", "18"], "A side of 18 pixels does not divide by 4"),
        (["--crop", "center", "--resolution", "48"], "a/0.png cannot be used: 32 x 32 pixels"),
        (["--filter", "box", "--no-antialias"], "'box' is never without antialias"),
        (["--tokenizer", "x"], "choose from a run"),
        (["--device", "tpu"], "is none of auto, cpu, cuda"),
    ],
)
def test_a_wrong_request_ends_with_2_and_a_sentence_and_leaves_nothing(
    rqbench, imported, images, tmp_path, arguments, said
):
    out = tmp_path / "new" / "out"
    ended = rqbench(
        "evaluate", imported / "tokenizer", images, "--out", out, "--device=cpu", *arguments
    )
    assert ended.status == 2
    assert said in ended.err
    assert "Traceback" not in ended.err
    assert not (tmp_path / "new").exists()


def test_bad_files_are_named_or_left_out(rqbench, imported, images, tmp_path):
    (images / "a" / "0.png").write_bytes(b"cut off")
    asked = ("evaluate", imported / "tokenizer", images, "--out", tmp_path / "out", "--device=cpu")
    ended = rqbench(*asked)
    assert (ended.status, ended.err.count("error")) == (2, 1)
    assert "a/0.png cannot be used: it is not an image" in ended.err
    ended = rqbench(*asked, "--skip-bad")
    assert ended.status == 0
    assert "left out 1 files, which evaluation.json lists" in ended.out
