"""Mirrors rqbench_reports/codebook_usage.py."""

from rqbench.api import RunData
from rqbench_reports.codebook_usage import CodebookUsage, usage_frame


def test_usage_is_shown_in_percent_for_the_whole_and_each_part(record):
    records = [record("a", "codebook_usage", 0.25, settings={"depth": depth}) for depth in (2, 1)]
    frame = usage_frame(RunData([*records, record("a", "codebook_usage", 0.5)], []))
    assert frame["part"].tolist() == ["a: all", "a: depth=1", "a: depth=2"]
    assert frame["value"].tolist() == [50.0, 25.0, 25.0]


def test_the_only_depth_is_not_shown_twice(record):
    both = ({}, {"depth": 1})
    records = [record("a", "codebook_usage", 0.5, settings=settings) for settings in both]
    assert usage_frame(RunData(records, []))["part"].tolist() == ["a: all"]


def test_without_usage_nothing_is_drawn(record, tmp_path):
    assert CodebookUsage().draw(RunData([record("a", "fid", 1.0)], []), tmp_path).files == []
