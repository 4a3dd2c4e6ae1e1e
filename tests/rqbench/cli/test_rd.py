"""Mirrors rqbench/cli/rd.py, rd_tables.py and rd_match_table.py."""

import json
import shutil

import numpy as np
import pytest
from PIL import Image

from rqbench.rd import Codec, codec_sweep
from rqbench.rd.codecs import absent_codecs


def test_the_curves_of_a_run_end_in_tables_that_can_be_pasted(rqbench, finished):
    ended = rqbench("rd", finished.run)
    assert ended.status == 0
    assert "| curve    | point      | rate_nominal_bpp |" in ended.out
    assert "| rq-4x4x4 | depth=1    |           0.0625 |" in ended.out
    assert "vq-4x4, rq-4x4x4: held-out-crops " in ended.out
    assert "vq-4x4: no BD-rate (%), no BD-psnr_db: 1 of the 2 points that akima" in ended.out


def test_json_holds_points_and_differences(rqbench, finished):
    ended = rqbench("rd", finished.run, "--json", "--rate=empirical", "--distortion=ssim")
    told = json.loads(ended.out)
    assert (told["rate"], told["distortion"]) == ("rate_empirical_bpp", "ssim")
    assert [curve["name"] for curve in told["curves"]] == ["vq-4x4", "rq-4x4x4"]
    assert told["bd"][0]["name"] == "vq-4x4"


def test_tokenizers_can_be_joined_to_a_curve(rqbench, finished):
    joining = ("--join", "all=vq-4x4,rq-4x4x4", "--method=pchip")
    ended = rqbench("rd", finished.run, *joining)
    assert ended.status == 0
    assert "| all   | depth=1, of=rq-4x4x4 |" in ended.out
    assert "BD" not in ended.out


def test_all_are_compared_at_an_equal_budget(rqbench, finished):
    ended = rqbench("rd", finished.run, "--match", "codes=32")
    assert ended.status == 0
    assert "held equal: codes, 32 codes of one image (as asked)" in ended.out
    assert "out of reach: " in ended.out
    assert "BD-" not in ended.out


def test_samples_are_compared_at_equal_time(rqbench, finished):
    asked = ("--match", "seconds", "--distortion", "fd_effnetlite0", "--json")
    matched = json.loads(rqbench("rd", finished.run, *asked).out)["matched"]
    assert (matched["axis"], matched["metric"]) == ("seconds", "sampling_s_per_image")
    assert {" + " in each["name"] for each in matched["readings"]} == {True}
    assert any(each["value"] for each in matched["readings"])


def test_points_without_the_rate_are_named(rqbench, finished):
    ended = rqbench("rd", finished.run, "--rate=prior")
    assert "left out, without rate_prior_bpp: rq-4x4x4 at depth=1" in ended.out


def test_names_with_brackets_are_printed_whole(rqbench, finished, tmp_path):
    run = shutil.copytree(finished.run, tmp_path / "run")
    records = run / "records.jsonl"
    records.write_text(records.read_text().replace("rq-4x4x4", "rq [depth=4]"))
    ended = rqbench("rd", run, "--match=bits")
    assert ended.out.count("| rq [depth=4] |") >= 5


def test_curves_are_drawn_over_a_rate_alone(rqbench, finished, tmp_path):
    for match, drawn in (("bits", True), ("codes", False)):
        out = tmp_path / match
        assert rqbench("rd", finished.run, "--match", match, "--out", out).status == 0
        assert (out / "figures" / "rate-distortion.png").is_file() == drawn


def test_codecs_stand_beside_an_evaluation_and_can_be_read_again(
    rqbench, imported, tmp_path, monkeypatch
):
    few = [Codec(name, name.upper(), "4:2:0", (20, 50)) for name in ("JPEG", "WebP")]
    monkeypatch.setattr(codec_sweep, "installed_codecs", lambda: few)
    images, out = tmp_path / "images", tmp_path / "out"
    images.mkdir()
    coarse = np.random.default_rng(0).integers(0, 255, (8, 8, 3)).astype(np.uint8)
    for angle in (0, 90):
        Image.fromarray(coarse).resize((256, 256)).rotate(angle).save(images / f"{angle}.png")
    evaluation = tmp_path / "evaluation"
    asked = ("evaluate", imported / "tokenizer", images, "--resolution=256", "--device=cpu")
    assert rqbench(*asked, "--out", evaluation).status == 0
    ended = rqbench("rd", evaluation, "--codecs", "--images", images, "--out", out)
    assert ended.status == 0
    assert "| JPEG      | quality=50 |" in ended.out
    assert "JPEG: rate of whole files; at least " in ended.out
    assert ("left out: JPEG XL, which this Pillow cannot write" in ended.out) == (
        "JPEG XL" in absent_codecs()
    )
    again = rqbench("rd", evaluation, out / "codecs", "--against=JPEG")
    assert again.status == 0
    assert "| WebP  | BD-rate (%) |" in again.out


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--codecs"], "is measured at 32 x 32 pixels"),
        (["--codecs", "--images", "."], "is no evaluation"),
        (["--match", "bit"], "no budget is called 'bit'. Did you mean 'bits'"),
        (["--match", "bits=many"], "'many' is no number"),
        (["--match", "bits=0"], "A budget of 0 cannot be matched"),
        (["--distortion", "fd_effnetlite0"], "compare samples at an equal budget with --match"),
        (["--join", "vq"], "--join 'vq' is not of the form"),
        (["--against", "vq"], "No curve is called 'vq'"),
        (["--distortion", "psnr"], "Did you mean 'psnr_db'"),
        (["--out", "."], "holds no curves of `rqbench rd`"),
    ],
)
def test_a_wrong_request_ends_with_2_and_a_sentence(rqbench, finished, arguments, said):
    ended = rqbench("rd", finished.run, *arguments)
    assert ended.status == 2
    assert said in " ".join(ended.err.split())
    assert "Traceback" not in ended.err
