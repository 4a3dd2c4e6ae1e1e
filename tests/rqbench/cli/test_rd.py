"""Mirrors rqbench/cli/rd.py and rqbench/cli/rd_tables.py."""

import json

import numpy as np
import pytest
from PIL import Image

from rqbench.rd import Codec, codec_sweep


def test_the_curves_of_a_run_end_in_tables_that_can_be_pasted(rqbench, finished):
    ended = rqbench("rd", finished.run)
    assert ended.status == 0
    assert "| curve    | point   | rate_nominal_bpp |" in ended.out
    assert "| rq-4x4x4 | depth=1 |           0.0625 |" in ended.out
    assert "vq-4x4, rq-4x4x4: held-out-crops " in ended.out
    assert "against rq-4x4x4; akima through the points" in ended.out
    assert "vq-4x4: no BD-rate (%): 1 of the 2 points that akima needs" in ended.out


def test_json_holds_points_and_differences(rqbench, finished):
    ended = rqbench("rd", finished.run, "--json", "--rate=empirical", "--distortion=ssim")
    told = json.loads(ended.out)
    assert (told["rate"], told["distortion"]) == ("rate_empirical_bpp", "ssim")
    assert [curve["name"] for curve in told["curves"]] == ["vq-4x4", "rq-4x4x4"]
    assert told["bd"][0]["name"] == "vq-4x4"


def test_tokenizers_can_be_joined_to_a_curve_and_drawn(rqbench, finished, tmp_path):
    ended = rqbench(
        "rd", finished.run, "--join", "all=vq-4x4,rq-4x4x4", "--method=pchip", "--out",
        tmp_path / "out",
    )  # fmt: skip
    assert ended.status == 0
    assert "| all   | depth=1, of=rq-4x4x4 |" in ended.out
    assert "BD" not in ended.out
    assert (tmp_path / "out" / "figures" / "rate-distortion.png").is_file()


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
    again = rqbench("rd", evaluation, out / "codecs", "--against=JPEG")
    assert again.status == 0
    assert "| WebP  | BD-rate (%) |" in again.out


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--codecs"], "Name them with --images"),
        (["--codecs", "--images", "."], "is no evaluation"),
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
