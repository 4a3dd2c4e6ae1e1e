"""Mirrors rqbench_reports/bit_maps.py."""

import numpy as np
import pytest
from matplotlib.collections import LineCollection

from rqbench.api import RunData
from rqbench_reports import bit_maps, map_figure
from rqbench_reports.bit_maps import WhereTheBitsGo

DETAIL, ERROR = "bits_entropy_rank_correlation", "bits_error_rank_correlation"


def tokenizer(shade=100, grain_map=None, count=2):
    pictures = {
        "originals": np.full((count, 8, 8, 3), shade, dtype=np.uint8),
        "reconstructions": np.full((count, 8, 8, 3), shade + 3, dtype=np.uint8),
    }
    return pictures if grain_map is None else {**pictures, "grain_map": grain_map}


def bits(side, each, count=2):
    return {"bits": np.full((count, side, side), each, dtype=np.float32)}


@pytest.fixture
def figures(monkeypatch, tmp_path):
    """Draw a run; the panels of each figure, which is then not written."""

    def draw(pictures, records=()):
        kept = []

        def panels(*size):
            kept.append(original(*size))
            return kept[-1]

        with monkeypatch.context() as patched:
            original = map_figure.panels
            patched.setattr(map_figure, "panels", panels)
            patched.setattr(bit_maps, "save", lambda figure, folder, name: [folder / name])
            drawn = WhereTheBitsGo().draw(RunData(records, list(pictures), pictures=pictures),
                                          tmp_path)  # fmt: skip
        names = [path.name for path in drawn.files if path.parent.name == "figures"]
        return dict(zip(names, (axes for _, axes in kept), strict=True))

    return draw


def systems(record, *names):
    """A record of each, by which tokenizers know their systems."""
    return [record(name, "rate_prior_bpp", 0.5) for name in names]


def test_the_bits_of_all_systems_of_a_tokenizer_stand_before_its_error(figures, record):
    pictures = {"vq": tokenizer(), "vq + a": bits(2, 8.0), "vq + b": bits(2, 4.0)}
    records = systems(record, "vq + a", "vq + b")
    records += [
        record("vq + a", DETAIL, 0.5, ci95=(0.3, 0.6)),
        record("vq + a", ERROR, -0.25),
    ]
    drawn = figures(pictures, records)
    assert [axis.get_title() for axis in drawn["where-the-bits-go"]] == [
        "original", "vq\n+ a\ndetail 0.50 ±0.20\nerror \N{MINUS SIGN}0.25", "vq\n+ b", "vq\nerror",
    ]  # fmt: skip


def test_colours_tell_bits_per_pixel_on_one_scale(figures, record):
    pictures = {
        "vq": tokenizer(), "vq + a": bits(2, 16.0),  # 1 bit a pixel
        "fine": tokenizer(), "fine + a": bits(4, 4.0),  # as much
        "poor": tokenizer(), "poor + a": bits(2, 4.0),
    }  # fmt: skip
    drawn = figures(pictures, systems(record, "vq + a", "fine + a", "poor + a"))
    first, second, third = (
        axis.get_images()[0].get_array()[0, 0] for axis in drawn["where-the-bits-go"][1::2]
    )
    assert first.tolist() == second.tolist() != third.tolist()


def test_a_figure_holds_six_maps_and_pictures_of_one_kind(figures, record):
    pictures = {}
    for name in "abcd":
        pictures |= {name: tokenizer(), f"{name} + p": bits(2, 1.0)}
    pictures |= {"e": tokenizer(shade=7), "e + p": bits(2, 1.0)}
    drawn = figures(pictures, systems(record, *(f"{name} + p" for name in "abcde")))
    assert {name: len(axes) for name, axes in drawn.items()} == {
        "where-the-bits-go": 7, "where-the-bits-go-2": 3, "where-the-bits-go-3": 3,
    }  # fmt: skip


def test_a_dynamic_tokenizer_alone_shows_its_nominal_bits_with_borders(figures, record):
    grain_map = np.array([[[0, 1], [0, 1]], [[0, 0], [0, 0]]], dtype=np.uint8)
    pictures = {"dq": {**tokenizer(grain_map=grain_map), **bits(4, 1.0)}, "vq": tokenizer()}
    _, rate, error = figures(pictures, [record("dq", "psnr_db", 20.0)])["where-the-bits-go"]
    assert (rate.get_title(), error.get_title()) == ("dq\nnominal", "dq\nerror")
    lines = [each for each in rate.collections if isinstance(each, LineCollection)]
    assert [len(each.get_segments()) for each in lines] == [2, 0]


def test_files_are_written_and_the_table_lists_what_was_measured(record, tmp_path):
    pictures = {"vq": tokenizer(count=9), "vq + a": bits(2, 8.0, count=9)}
    records = [record("vq", "psnr_db", 20.0), record("vq + a", DETAIL, 0.5)]
    run = RunData(records, ["vq", "vq + a"], pictures=pictures)
    names = {path.name for path in WhereTheBitsGo().draw(run, tmp_path).files}
    assert names == {
        "bits-and-detail.md", "bits-and-detail.tex", "where-the-bits-go.png",
        "where-the-bits-go.pdf",
    }  # fmt: skip
    assert all((tmp_path / "figures" / name).is_file() for name in names if "where" in name)
    rows = (tmp_path / "tables" / "bits-and-detail.md").read_text().splitlines()
    assert [row.split("|")[1].strip() for row in rows if row.startswith("| vq")] == ["vq + a"]


def test_without_maps_nothing_is_drawn(record, tmp_path):
    run = RunData([record("vq", "psnr_db", 20.0)], ["vq"], pictures={"vq": tokenizer()})
    assert WhereTheBitsGo().draw(run, tmp_path).files == []
