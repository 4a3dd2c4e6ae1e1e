"""Mirrors rqbench_reports/codebook_usage.py."""

from matplotlib.colors import to_hex

from rqbench.api import RunData
from rqbench_reports import codebook_usage
from rqbench_reports.codebook_usage import CodebookUsage, bars, part
from rqbench_reports.figure import looks


def test_the_whole_comes_before_each_part(record):
    records = [record("a", "codebook_usage", 0.25, settings={"depth": depth}) for depth in (2, 1)]
    shown = bars(RunData([*records, record("a", "codebook_usage", 0.5)], []), "codebook_usage")
    assert [part(each) for each in shown] == ["a: all", "a: depth=1", "a: depth=2"]


def test_the_only_depth_is_not_shown_twice(record):
    both = ({}, {"depth": 1})
    records = [record("a", "codebook_usage", 0.5, settings=settings) for settings in both]
    assert list(map(part, bars(RunData(records, []), "codebook_usage"))) == ["a: all"]


def test_a_bar_is_in_percent_and_hollow_where_it_was_measured_on_other_images(
    record, tmp_path, monkeypatch
):
    figures = []
    monkeypatch.setattr(codebook_usage, "save", lambda figure, *_: figures.append(figure) or [])
    records = [
        record(name, "codebook_usage", 0.25, data=data)
        for name, data in (("a", "photos"), ("b", "photos"), ("c", "folder:val"))
    ]
    CodebookUsage().draw(RunData(records, []), tmp_path)
    (figure,) = figures
    a, b, c = figure.axes[0].patches
    assert [bar.get_width() for bar in (a, b, c)] == [25.0] * 3
    assert [to_hex(bar.get_facecolor()) for bar in (a, b, c)] == [
        *(look.colour.lower() for look in looks(["a", "b"]).values()), "#ffffff",
    ]  # fmt: skip
    assert to_hex(c.get_edgecolor()) != "#ffffff"
    said = " ".join(figure.get_suptitle().split())
    assert said.startswith(
        "Hollow, measured on other terms and not compared: c; n = 64, folder:val"
    )
    CodebookUsage().draw(RunData(records[:2], []), tmp_path)
    assert figures[1].get_suptitle() == ""


def test_without_usage_nothing_is_drawn(record, tmp_path):
    assert CodebookUsage().draw(RunData([record("a", "fid", 1.0)], []), tmp_path).files == []
