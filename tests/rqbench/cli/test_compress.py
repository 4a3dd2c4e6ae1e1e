"""Mirrors rqbench/cli/compress.py."""

import json

import numpy as np
import pytest
from PIL import Image

from rqbench.bitstream import unpack


@pytest.fixture
def pictures(tmp_path):
    """A folder of two pictures."""
    noise = np.random.default_rng(0)
    (tmp_path / "in").mkdir()
    for name, size in (("a", (30, 20)), ("b", (16, 16))):
        pixels = noise.integers(0, 256, (*size, 3), dtype=np.uint8)
        Image.fromarray(pixels).save(tmp_path / "in" / f"{name}.png")
    return tmp_path / "in"


def test_a_folder_becomes_one_file_and_its_costs_are_told(rqbench, imported, pictures, tmp_path):
    out = tmp_path / "out.rqb"
    ended = rqbench("compress", pictures, "--model", imported, "--out", out, "--class", "1")
    assert ended.status == 0
    _, table = ended.out.split("----|\n")
    rows = [[cell.strip() for cell in line.split("|")] for line in table.splitlines()]
    assert [row[2:4] for row in rows if row[2:3] > [""]] == [
        ["000000.png", "20 x 30"],
        ["000001.png", "16 x 16"],
    ]
    names = "".join(row[1] for row in rows if len(row) > 1)  # long ones take several lines
    assert names == f"{pictures / 'a.png'}{pictures / 'b.png'}"
    *_, payload, whole, last = ended.out.splitlines()
    assert payload.startswith(f"2 pictures of {20 * 30 + 16 * 16} px together: payloads ")
    assert payload.endswith("% past the likelihood")
    assert f"with {52 + 18 + 12} bytes of headers {out.stat().st_size} bytes (" in whole
    assert last == f"-> {out}"


def test_the_same_as_json(rqbench, imported, pictures, tmp_path):
    out = tmp_path / "out.rqb"
    ended = rqbench(
        "compress", pictures / "a.png", pictures / "b.png", "--model", imported, "--out", out,
        "--class=1", "--fit=resize", "--block=1", "--json",
    )  # fmt: skip
    told = json.loads(ended.out)
    assert (told["bytes"], told["fit"]) == (out.stat().st_size, "resize")
    assert told["payload_bytes"] == told["bytes"] - told["header_bytes"]
    names = [str(pictures / name) for name in ("a.png", "b.png")]
    assert [each["name"] for each in told["pictures"]] == names
    assert [each["comes_back_as"] for each in told["pictures"]] == ["000000.png", "000001.png"]
    assert [each["pixels"] for each in told["pictures"]] == [600, 256]
    for each in told["pictures"]:
        assert each["payload_bpp"] == 8 * each["payload_bytes"] / each["pixels"]
        assert each["overhead"] == pytest.approx(
            8 * each["payload_bytes"] / each["likelihood_bits"] - 1
        )
    assert unpack(out.read_bytes()).block == 1


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ([], "needs a class"),
        (["--class=cat"], "knows no class 'cat'"),
        (["--class=1", "--system=x"], "--system chooses among those of a run"),
        (["--class=1", "--device=tpu"], "none of auto, cpu, cuda"),
    ],
)
def test_a_wrong_request_ends_with_2_and_leaves_nothing(
    rqbench, imported, pictures, tmp_path, arguments, said
):
    out = tmp_path / "out.rqb"
    ended = rqbench("compress", pictures, "--model", imported, "--out", out, *arguments)
    assert ended.status == 2
    assert said in ended.err
    assert "Traceback" not in ended.err
    assert not out.exists()


def test_a_file_that_is_there_is_not_overwritten(rqbench, imported, pictures):
    taken = pictures / "b.png"
    before = taken.read_bytes()
    asked = ("--model", imported, "--class=1", "--out", taken)
    ended = rqbench("compress", pictures / "a.png", *asked)
    assert ended.status == 2
    assert "is there already" in ended.err
    assert taken.read_bytes() == before


def test_one_file_that_is_no_picture_is_named_and_nothing_is_written(
    rqbench, imported, pictures, tmp_path
):
    (tmp_path / "notes.txt").write_text("no picture")
    asked = ("--model", imported, "--class=1", "--out", tmp_path / "out.rqb")
    ended = rqbench("compress", pictures, tmp_path / "notes.txt", *asked)
    assert ended.status == 2
    assert "notes.txt cannot be compressed" in ended.err
    assert not (tmp_path / "out.rqb").exists()
