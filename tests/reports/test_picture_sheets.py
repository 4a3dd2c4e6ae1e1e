"""Mirrors rqbench_reports/picture_sheets.py."""

import numpy as np
import pytest
from PIL import Image

from rqbench.api import RunData
from rqbench_reports import picture_sheets
from rqbench_reports.picture_sheets import PictureSheets

GREY = np.full((2, 64, 64, 3), 120, dtype=np.uint8)


@pytest.fixture
def sheets(monkeypatch):
    """The strips of each sheet that was written, by the sheet's name."""
    written = {}

    def note(path, title, strips):
        written[path.stem] = strips
        return path

    monkeypatch.setattr(picture_sheets, "write_sheet", note)
    return written


def rows_of(path):
    """Rows of pictures on a sheet whose pictures are 192 px high with gaps of 6."""
    with Image.open(path) as sheet:
        return (sheet.height - 50) // 198


@pytest.mark.parametrize(
    ("name", "rows"),
    [
        ("tokenizer-vq-8x8", 2),
        ("tokenizer-rq-8x8x4", 5),  # originals, depths 1 to 3, and depth 4 as trained
        ("tokenizer-dq", 3),
        ("reconstructions", 5),
        ("samples", 4),
    ],
)
def test_sheets_have_a_row_for_each_thing_to_see(drawn, name, rows):
    assert rows_of(drawn / "pictures" / f"{name}.png") == rows


def test_only_tokenizers_that_show_the_same_originals_share_a_sheet(tmp_path):
    pictures = {
        "a": {"originals": GREY, "reconstructions": GREY},
        "b": {"originals": GREY + 1, "reconstructions": GREY},
    }
    files = PictureSheets().draw(RunData([], [], pictures=pictures), tmp_path).files
    assert [path.name for path in files] == ["tokenizer-a.png", "tokenizer-b.png"]


def test_the_same_pictures_give_the_same_bytes(tmp_path):
    run = RunData([], [], pictures={"a + p": {"samples": GREY}})
    first = PictureSheets().draw(run, tmp_path).files[0].read_bytes()
    assert PictureSheets().draw(run, tmp_path).files[0].read_bytes() == first


def test_without_pictures_nothing_is_drawn(tmp_path):
    assert PictureSheets().draw(RunData([], []), tmp_path).files == []


def test_a_strip_is_captioned_by_the_record_whose_settings_its_name_rounds(
    record, sheets, tmp_path
):
    exact = {"threshold": 1.0981234567, "fine_ratio_target": 0.5}
    tiny = {"threshold": 1.04e-05, "fine_ratio_target": 0.9}
    records = [
        record("dq", "psnr_db", value, settings=settings)
        for value, settings in ((20.0, {}), (21.0, exact), (22.0, tiny))
    ]
    shown = {"originals": GREY, "reconstructions": GREY}
    for place, settings in enumerate((exact, tiny), start=1):
        label = ", ".join(f"{key}={value:g}" for key, value in settings.items())
        shown[f"reconstructions {label}"] = GREY + place
    PictureSheets().draw(RunData(records, [], pictures={"dq": shown}), tmp_path)
    assert [(strip.title, strip.caption) for strip in sheets["tokenizer-dq"][1:]] == [
        ("threshold=1.04e-05, fine_ratio_target=0.9", "mean 22.00 dB"),
        ("threshold=1.09812, fine_ratio_target=0.5", "mean 21.00 dB"),
        ("reconstructions", "mean 20.00 dB"),
    ]


def test_the_grain_map_shows_the_fine_share_of_the_held_out_images(record, sheets, tmp_path):
    records = [
        record("dq", "fine_ratio", share, split=split)
        for share, split in ((0.25, "held-out"), (0.5, "training"))
    ]
    grains = np.zeros((2, 8, 8), dtype=np.uint8)
    shown = {"originals": GREY, "reconstructions": GREY, "grain_map": grains}
    PictureSheets().draw(RunData(records, [], pictures={"dq": shown}), tmp_path)
    assert sheets["tokenizer-dq"][-1].caption == "tinted: fine regions\nmean 25% fine"


def test_of_three_grains_the_map_shows_all_shares(record, sheets, tmp_path):
    at_point = {"threshold": 1.5, "grain": 0}
    records = [record("dq", "grain_ratio", 0.9, settings=at_point)]
    records += [
        record("dq", "grain_ratio", share, settings={"grain": grain})
        for grain, share in enumerate((0.5, 0.3, 0.2))
    ]
    shown = {"originals": GREY, "reconstructions": GREY}
    shown["grain_map"] = np.ones((2, 8, 8), dtype=np.uint8)
    PictureSheets().draw(RunData(records, [], pictures={"dq": shown}), tmp_path)
    expected = "plain, blue to orange\nmean 50% / 30% / 20%"
    assert sheets["tokenizer-dq"][-1].caption == expected
    red, _, blue = sheets["tokenizer-dq"][-1].images[0, 4, 4]
    assert blue > red  # a middle region stays blue where no picture has a fine one


def test_rows_follow_the_experiment_and_not_the_alphabet(sheets, tmp_path):
    pictures = {name: {"originals": GREY, "reconstructions": GREY} for name in ("dq", "rq", "vq")}
    pictures |= {name: {"samples": GREY} for name in ("dq + b", "vq + a")}
    run = RunData([], ["vq", "rq", "dq", "vq + a", "dq + b"], pictures=pictures)
    PictureSheets().draw(run, tmp_path)
    titles = {name: [strip.title for strip in strips] for name, strips in sheets.items()}
    assert titles["reconstructions"] == ["originals", "vq", "rq", "dq"]
    assert titles["samples"] == ["vq", "dq"]
