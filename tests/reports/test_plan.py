"""Mirrors rqbench_reports/plan.py."""

import math

from rqbench.api import RunData
from rqbench_reports.comparison_table import SYSTEMS, TOKENIZERS
from rqbench_reports.frame import tokenizer_names
from rqbench_reports.plan import build, columns_of


def cell(table, name, title):
    place = [heading.title for heading in table.headings].index(title)
    return next(row[place] for row in table.rows if row[0].text == name)


def test_only_real_wins_are_bold(example_run):
    table = build(TOKENIZERS, tokenizer_names(example_run), example_run)
    assert cell(table, "vq-16x16", "PSNR").bold
    assert not cell(table, "rq-8x8x4", "PSNR").bold
    assert not cell(table, "vq-16x16", "rFD").bold  # 12.4 ±2.1 against 14.9 ±2.1
    assert any(line.startswith("Bold:") for line in table.foot)


def test_what_is_not_told_apart_from_the_best_is_marked(example_run):
    table = build(TOKENIZERS, tokenizer_names(example_run), example_run)
    column = {row[0].text: cell(table, row[0].text, "rFD").mark for row in table.rows}
    assert column == {"vq-8x8": "", "vq-16x16": "⁼", "rq-8x8x4": "⁼", "dq": ""}
    assert any(line.startswith("⁼ the best of its column, and") for line in table.foot)


def test_what_nobody_measured_is_left_out_and_a_gap_is_a_dash(record):
    run = RunData([record("a", "psnr_db", 20.0), record("b", "ssim", 0.5)], [])
    table = build(TOKENIZERS, ["a", "b"], run)
    assert [heading.title for heading in table.headings] == ["Tokenizer", "PSNR", "SSIM"]
    assert [cell.text for cell in table.rows[0]] == ["a", "20.00", "–"]  # noqa: RUF001 - as tables print it
    assert build(SYSTEMS, [], run) is None


def test_a_number_of_another_protocol_carries_a_dagger_that_the_foot_explains(record):
    odd = record(
        "c", "rfid", 1.4, protocol="paper", protocol_hash="feedbeef", source="published",
        citation="Somebody 2022",
    )  # fmt: skip
    run = RunData([record("a", "rfid", 2.0), record("b", "rfid", 3.0), odd], [])
    table = build(TOKENIZERS, ["a", "b", "c"], run)
    assert [row[1].mark for row in table.rows] == ["", "", "†"]
    note = next(line for line in table.foot if line.startswith("†"))
    assert "feedbeef" in note
    assert "Somebody 2022" in note


def test_infinite_values_and_unbounded_intervals_have_a_sign(record):
    infinite = record("a", "psnr_db", math.inf, ci95=(-math.inf, math.inf))
    table = build(TOKENIZERS, ["a"], RunData([infinite], []))
    assert (table.rows[0][1].text, table.rows[0][1].aside) == ("∞", "")


def test_columns_stand_in_the_order_of_the_plan_with_a_gap_for_what_a_row_lacks(record):
    first, second = record("a", "ssim", 0.5), record("b", "psnr_db", 20.0)
    found = columns_of(TOKENIZERS, ["a", "b"], RunData([first, second], []))
    assert list(found.items()) == [("psnr_db", [None, second]), ("ssim", [first, None])]
