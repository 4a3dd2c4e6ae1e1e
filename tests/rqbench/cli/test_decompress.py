"""Mirrors rqbench/cli/decompress.py."""

import json

import numpy as np
import pytest
import torch
from PIL import Image

from rqbench.checkpoint import load_tensors


@pytest.fixture
def coded(rqbench, imported, tmp_path):
    """A picture of 20x30 px, squeezed into one square."""
    pixels = np.random.default_rng(0).integers(0, 256, (30, 20, 3), dtype=np.uint8)
    Image.fromarray(pixels).save(tmp_path / "a.png")
    file = tmp_path / "a.rqb"
    asked = ("--model", imported, "--out", file, "--class=1", "--fit=resize")
    assert rqbench("compress", tmp_path / "a.png", *asked).status == 0
    return file


def size_of(path):
    with Image.open(path) as picture:
        return picture.size


def test_pictures_and_codes_are_written(rqbench, imported, coded, tmp_path):
    out = tmp_path / "out"
    ended = rqbench("decompress", coded, "--model", imported, "--out", out, "--codes")
    first, last = ended.out.splitlines()
    assert first == "000000.png: of a picture of 20 x 30 px"
    assert last == f"1 picture of zoo -> {out}"
    assert size_of(out / "000000.png") == (16, 16)
    tensors, _ = load_tensors(out / "codes.safetensors")
    assert tensors["codes/values"].shape == (1, 4, 4, 1)
    assert tensors["codes/values"].dtype == torch.int64


def test_the_true_size_is_restored_and_told_as_json(rqbench, imported, coded, tmp_path):
    out = tmp_path / "out"
    asked = ("--model", imported, "--out", out, "--restore-size", "--json", "--device=cpu")
    told = json.loads(rqbench("decompress", coded, *asked).out)
    assert told == {
        "folder": str(out), "system": "zoo", "fit": "resize",
        "pictures": [{"name": "000000.png", "width": 20, "height": 30}],
    }  # fmt: skip
    assert size_of(out / "000000.png") == (20, 30)
    assert not (out / "codes.safetensors").exists()


def test_a_crop_has_no_size_to_restore(rqbench, imported, coded, tmp_path):
    file, out = tmp_path / "crop.rqb", tmp_path / "out"
    asked = ("--model", imported, "--out", file, "--class=1", "--fit=crop")
    assert rqbench("compress", tmp_path / "a.png", *asked).status == 0
    ended = rqbench("decompress", file, "--model", imported, "--out", out, "--restore-size")
    assert ended.status == 2
    assert "holds crops" in ended.err
    assert not out.exists()


def test_what_is_no_file_of_codes_ends_with_2_and_leaves_nothing(rqbench, imported, tmp_path):
    (tmp_path / "text").write_text("no codes")
    out = tmp_path / "out"
    ended = rqbench("decompress", tmp_path / "text", "--model", imported, "--out", out)
    assert ended.status == 2
    assert "no file of codes" in ended.err
    assert not out.exists()


def test_another_model_is_refused(rqbench, finished, coded, tmp_path):
    asked = ("--model", finished.run, "--system", "vq-4x4 + raster", "--out", tmp_path / "out")
    ended = rqbench("decompress", coded, *asked)
    assert ended.status == 2
    assert "was written with the model" in ended.err


def test_a_folder_with_something_in_it_is_refused(rqbench, imported, coded, tmp_path):
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "000000.png").write_text("mine")
    ended = rqbench("decompress", coded, "--model", imported, "--out", tmp_path / "out")
    assert ended.status == 2
    assert "is there already" in ended.err
    assert (tmp_path / "out" / "000000.png").read_text() == "mine"


def test_a_damaged_file_leaves_nothing(rqbench, imported, coded, tmp_path):
    data = bytearray(coded.read_bytes())
    data[-1] ^= 1
    coded.write_bytes(data)
    ended = rqbench("decompress", coded, "--model", imported, "--out", tmp_path / "new" / "out")
    assert ended.status == 2
    assert "streams are not what was written" in ended.err
    assert not (tmp_path / "new").exists()
