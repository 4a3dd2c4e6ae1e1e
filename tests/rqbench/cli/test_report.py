"""Mirrors rqbench/cli/report.py."""

import json

import pytest

from rqbench import reporting
from rqbench.reporting import DrawnReport


@pytest.fixture
def asked(monkeypatch, tmp_path):
    """What the command asks of `rqbench.reporting.draw_report`, which draws nothing."""
    calls: list[object] = []

    def pretend(runs, out):
        calls.append((runs, out))
        return DrawnReport(tmp_path / "[report]", [tmp_path / "a.md"], ["a table"], {})

    monkeypatch.setattr(reporting, "draw_report", pretend)
    return calls


def test_tables_go_to_standard_output_and_the_place_to_the_other(rqbench, asked, tmp_path):
    ended = rqbench("report", tmp_path)
    assert asked == [([tmp_path], None)]
    assert (ended.status, ended.out) == (0, "a table\n")
    assert ended.err == f"Report: {tmp_path / '[report]' / 'README.md'}\n"


def test_the_files_are_told_as_json(rqbench, asked, tmp_path):
    ended = rqbench("report", tmp_path, tmp_path, "--out", tmp_path / "o", "--json")
    assert asked == [([tmp_path, tmp_path], tmp_path / "o")]
    assert json.loads(ended.out) == {
        "folder": str(tmp_path / "[report]"), "files": [str(tmp_path / "a.md")],
    }  # fmt: skip


def test_a_folder_without_records_is_a_wrong_request(rqbench, tmp_path):
    ended = rqbench("report", tmp_path)
    assert ended.status == 2
    assert "has no records.jsonl" in ended.err


def test_a_report_that_could_not_be_drawn_is_told_and_fails(rqbench, monkeypatch, tmp_path):
    drawn = DrawnReport(tmp_path, [], [], {"report/x": "KeyError: [y]"})
    monkeypatch.setattr(reporting, "draw_report", lambda runs, out: drawn)
    ended = rqbench("report", tmp_path)
    assert ended.status == 1
    assert "failed report/x: KeyError: [y]\n" in ended.err
