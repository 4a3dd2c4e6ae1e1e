"""Mirrors rqbench_reports/headlines.py."""

import pandas as pd
import pytest

from rqbench.api import RunData
from rqbench_reports.headlines import Headlines, answer

LINE = {
    "title": "Does it beat the line?",
    "metric": "psnr_db",
    "system": "dq",
    "against": ("vq-8", "vq-16"),
    "at": "rate_nominal_bpp",
    "equal": "mean bits",
}


def on_a_line(record, own_rate, own_raw):
    rates = (("vq-8", 0.2), ("vq-16", 0.6), ("dq", own_rate))
    raws = (("vq-8", [20.0, 22.0, 24.0]), ("vq-16", [24.0, 26.0, 28.0]), ("dq", own_raw))
    records = [record(name, "rate_nominal_bpp", rate) for name, rate in rates]
    records += [
        record(name, "psnr_db", sum(raw) / 3, raw=raw, higher_is_better=True) for name, raw in raws
    ]
    return RunData(records, [])


def test_the_control_is_the_line_at_the_systems_own_rate(record):
    # at 0.3 bpp the line is a quarter of the way: 21, 23, 25
    given = answer(LINE, on_a_line(record, 0.3, [21.5, 23.6, 25.4]))
    assert given.control.raw == pytest.approx([21.0, 23.0, 25.0])
    assert given.comparison.amount == pytest.approx(0.5)
    assert given.verdict == "better"
    assert given.control.system == "line from vq-8 to vq-16 at 0.300 bpp"


def test_a_system_on_the_line_is_undecided(record):
    given = answer(LINE, on_a_line(record, 0.3, [22.0, 22.0, 25.0]))
    assert given.comparison.amount == pytest.approx(0.0)
    assert given.verdict == "undecided"


@pytest.mark.parametrize("rate", [0.1, 0.7])
def test_beyond_the_line_there_is_no_control(record, rate):
    given = answer(LINE, on_a_line(record, rate, [90.0, 90.0, 90.0]))
    assert given.comparison is None
    assert given.verdict == "undecided"
    assert "no control at equal rate" in given.why


def test_what_was_not_measured_is_undecided_and_said(record):
    question = {"title": "?", "metric": "psnr_db", "system": "a", "against": "b"}
    given = answer(question, RunData([record("a", "psnr_db", 20.0)], []))
    assert given.verdict == "undecided"
    assert given.why == "b: not measured"


def test_a_systems_distortion_is_its_tokenizers(record):
    question = {"title": "?", "metric": "psnr_db", "system": "a + raster", "against": "b"}
    records = [record("a", "psnr_db", 21.0), record("a + raster", "fid", 3.0)]
    given = answer(question, RunData([*records, record("b", "psnr_db", 20.0)], []))
    assert given.comparison.amount == 1.0
    assert given.comparison.basis == "no paired interval"


def test_a_lower_distance_is_better(record):
    question = {"title": "?", "metric": "fid", "system": "a", "against": "b"}
    facts = {"higher_is_better": False}
    records = [
        record("a", "fid", 10.0, ci95=(9.0, 11.0), **facts),
        record("b", "fid", 20.0, ci95=(18.0, 22.0), **facts),
    ]
    assert answer(question, RunData(records, [])).verdict == "better"


def test_the_page_says_what_is_held_equal_and_how_it_was_decided(drawn):
    text = (drawn / "tables" / "headlines.md").read_text()
    assert "(held equal: nominal bits, codebook size, encoder, decoder, training)" in text
    assert "paired, n = 64 in 8 clusters" in text
    assert "ratio of medians, range over 5 repeats" in text
    assert "1 training seed (0)" in text


def test_the_csv_has_a_line_a_question(example_run, drawn):
    frame = pd.read_csv(drawn / "tables" / "headlines.csv")
    verdicts = ["worse", "better", "better", "undecided", "undecided"]
    assert frame["verdict"].tolist() == verdicts
    assert frame["is_ratio"].tolist()[:3] == [False, False, True]


def test_no_questions_no_files(record, tmp_path):
    assert Headlines().draw(RunData([record("a", "fid", 1.0)], []), tmp_path).files == []
