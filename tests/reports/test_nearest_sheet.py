"""Mirrors rqbench_reports/nearest_sheet.py."""

import numpy as np
import pytest

from rqbench.api import RunData
from rqbench_reports import nearest_sheet
from rqbench_reports.nearest_sheet import NearestSheet

NAME = "vq + raster"


def images(*values):
    return np.stack([np.full((32, 32, 3), value, dtype=np.uint8) for value in values])


@pytest.fixture
def run(record):
    pictures = {}
    for group, first in (("samples", 10), ("held-out", 20)):
        for which, distances in (("codes", [0.0, 0.25]), ("features", [1.25, 3.0])):
            name = f"nearest/{group}/{which}"
            pictures[f"{name}/images"] = images(first, first + 1)
            pictures[f"{name}/crops"] = images(first + 100, first + 101)
            pictures[f"{name}/distances"] = np.array(distances, dtype=np.float32)
    records = [
        record(NAME, "nearer_to_training_share", 0.61, ci95=(0.5, 0.72)),
        record(NAME, "training_copies_share", 0.25, ci95=(0.1, 0.4)),
    ]
    return RunData(records, [NAME], pictures={NAME: pictures, "vq": {"originals": images(1)}})


@pytest.fixture
def written(monkeypatch):
    """Title and strips of the one sheet."""
    sheets = []

    def note(path, title, strips):
        sheets.append((path, title, strips))
        return path

    monkeypatch.setattr(nearest_sheet, "write_sheet", note)
    return sheets


def test_samples_stand_left_held_out_images_right_and_crops_below_with_distances(
    run, written, tmp_path
):
    NearestSheet().draw(run, tmp_path)
    ((path, _, strips),) = written
    assert path.name == "nearest-vq-raster.png"
    shades = [[int(image[0, 0, 0]) for image in strip.images] for strip in strips]
    assert shades == 2 * [[10, 11, 255, 20, 21], [110, 111, 255, 120, 121]]
    assert [strip.title for strip in strips[::2]] == ["closest by codes", "closest by features"]
    assert [strip.notes for strip in strips[1::2]] == [
        ["0%", "25%", "", "0%", "25%"], ["1.2", "3.0", "", "1.2", "3.0"],
    ]  # fmt: skip


def test_the_title_says_what_was_recorded_and_nothing_else(run, written, tmp_path):
    NearestSheet().draw(run, tmp_path)
    _, first, second = (*written[0][1].split("\n"), "")[:3]
    assert "61% [50%, 72%] of pairs" in first
    assert "25% [10%, 40%]" in first
    assert second == ""


def test_shares_stand_in_a_table_too(run, written, tmp_path):
    files = NearestSheet().draw(run, tmp_path).files
    assert [path.name for path in files] == [
        "nearest-training.md", "nearest-training.tex", "nearest-vq-raster.png",
    ]  # fmt: skip
    assert "| vq + raster |" in files[0].read_text()


def test_the_sheet_is_as_wide_as_both_sides(run, tmp_path):
    from PIL import Image

    files = NearestSheet().draw(run, tmp_path).files
    with Image.open(files[-1]) as sheet:
        assert sheet.width > 5 * 96
        assert sheet.height > 4 * 96


def test_a_run_without_samples_draws_nothing(tmp_path):
    assert NearestSheet().draw(RunData([], []), tmp_path).files == []
