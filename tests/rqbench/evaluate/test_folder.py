"""Mirrors rqbench/evaluate/folder.py."""

import csv
import json

import numpy as np
import pytest
import torch
from PIL import Image

from rqbench.errors import ConfigError
from rqbench.evaluate import folder as folder_module
from rqbench.evaluate.folder import EvaluationFolder, check_out
from rqbench.files import check_seal


def greys(*values):
    return torch.tensor(values, dtype=torch.uint8).view(-1, 1, 1, 1).expand(-1, 3, 8, 8)


def test_reconstructions_keep_the_names_of_their_originals(tmp_path):
    folder = EvaluationFolder(tmp_path, reconstructions=True)
    folder.take(["a.png", "sub/b.jpg"], greys(1, 2), greys(11, 12))
    folder.close()
    check_seal(tmp_path)
    with Image.open(tmp_path / "reconstructions" / "sub" / "b.jpg.png") as written:
        assert np.unique(np.asarray(written)).tolist() == [12]


def test_the_sheet_shows_originals_above_reconstructions(tmp_path):
    folder = EvaluationFolder(tmp_path, reconstructions=True)
    folder.take(["a.png", "b.png"], greys(1, 2), greys(11, 12))
    folder.close()
    with Image.open(tmp_path / "sheet.png") as sheet:
        pixels = np.asarray(sheet)[..., 0]
    half = pixels.shape[0] // 2
    for row, shown in ((pixels[:half], {1, 2}), (pixels[half:], {11, 12})):
        values, counts = np.unique(row, return_counts=True)
        assert set(values[counts >= 96 * 96]) - {255} == shown
        assert (row[:18] < 128).any(), "a title in black ink"


def test_the_sheet_says_of_how_many_it_shows_the_first(tmp_path, monkeypatch):
    told = []
    monkeypatch.setattr(folder_module, "write_grid", lambda path, rows, titles: told.append(titles))
    for count in (8, 9):
        folder = EvaluationFolder(tmp_path / str(count), reconstructions=True)
        folder.take([f"{place}.png" for place in range(count)], *[greys(*range(count))] * 2)
        (tmp_path / str(count) / "sheet.png").touch()
        folder.close()
    assert told == [
        ["originals", "reconstructions"], ["originals, 8 of 9", "reconstructions, 8 of 9"],
    ]  # fmt: skip


def test_without_being_asked_no_picture_is_written(tmp_path):
    folder = EvaluationFolder(tmp_path, reconstructions=False)
    folder.take(["a.png"], greys(1), greys(11))
    folder.close()
    assert [path.name for path in tmp_path.iterdir()] == ["manifest.json"]


def test_the_table_has_a_line_an_image_and_a_column_a_measure(tmp_path):
    folder = EvaluationFolder(tmp_path, reconstructions=False)
    values = [{"psnr_db": 1.5}, {"psnr_db": 2.5, "ssim": 0.5}]
    folder.write_table(["a.png", "b, c.png"], [(8, 9), (10, 11)], values)
    with (tmp_path / "images.csv").open(newline="") as file:
        lines = list(csv.reader(file))
    assert lines == [
        ["image", "width_px", "height_px", "psnr_db", "ssim"],
        ["a.png", "8", "9", "1.5", ""],
        ["b, c.png", "10", "11", "2.5", "0.5"],
    ]


def test_a_folder_of_something_else_is_left_alone(tmp_path):
    asked = {"tokenizer": "vq", "crop": {"kind": "center"}}
    check_out(tmp_path / "new", asked, reconstructions=False)
    check_out(tmp_path, asked, reconstructions=False)
    (tmp_path / "mine.txt").write_text("x")
    with pytest.raises(ConfigError, match="holds no evaluation of rqbench"):
        check_out(tmp_path, asked, reconstructions=False)


def test_an_evaluation_gives_way_to_the_same_one_only(tmp_path):
    asked = {"tokenizer": "vq", "crop": {"kind": "center", "sides": (8, 8)}}
    (tmp_path / "evaluation.json").write_text(json.dumps({**asked, "notes": []}))
    check_out(tmp_path, asked, reconstructions=False)
    with pytest.raises(ConfigError, match="holds an evaluation with another crop"):
        check_out(tmp_path, {**asked, "crop": {"kind": "whole"}}, reconstructions=False)
    (tmp_path / "reconstructions").mkdir()
    check_out(tmp_path, asked, reconstructions=True)
    with pytest.raises(ConfigError, match="holds reconstructions, which would be lost"):
        check_out(tmp_path, asked, reconstructions=False)
