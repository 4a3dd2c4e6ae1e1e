"""Mirrors rqbench_reports/comparison_table.py."""

import dataclasses
import io

import pandas as pd
import pytest
from rich.console import Console

from rqbench.api import RunData, pool
from rqbench_reports.comparison_table import (
    COST,
    RATES,
    SYSTEMS,
    TOKENIZERS,
    ComparisonTable,
    wide_frame,
)
from rqbench_reports.frame import system_names, tokenizer_names
from rqbench_reports.plan import build


def row_of(table, name):
    heads = [heading.title for heading in table.headings]
    return next(dict(zip(heads, row, strict=True)) for row in table.rows if row[0].text == name)


def test_each_number_stands_with_half_its_interval(example_run):
    table = build(TOKENIZERS, tokenizer_names(example_run), example_run)
    cells = row_of(table, "dq")
    assert (cells["rFD"].text, cells["rFD"].aside) == ("19.2", "±2.1")
    assert (cells["rKID"].text, cells["rKID"].aside) == ("0.0213", "±0.0030")
    assert cells["codes"].text == "124.0"


def test_a_timing_stands_with_the_range_of_its_repeats(example_run):
    table = build(SYSTEMS, system_names(example_run), example_run)
    cell = row_of(table, "rq-8x8x4 + depth-stacked")["sampling"]  # 34 times 0.98 to 1.02
    assert (cell.text, cell.aside) == ("34.0", "33.3–34.7")  # noqa: RUF001 - an en dash
    assert "sampling: beside each value stands the range of 5 repeats." in table.foot


def test_a_system_shows_its_tokenizers_rates_beside_its_own(example_run):
    table = build(RATES, system_names(example_run), example_run)
    cells = row_of(table, "rq-8x8x4 + depth-stacked")
    assert (cells["nominal"].text, cells["empirical"].text) == ("0.625", "0.537")
    assert cells["prior"].text == "0.500"
    assert cells["prior"].bold  # beats raster on the same codes
    assert not row_of(table, "vq-8x8 + raster")["prior"].bold  # the lowest, on other codes


def test_rates_out_of_order_are_told_in_the_foot(example_run):
    system = "rq-8x8x4 + depth-stacked"

    def worse(record):
        is_it = (record.system, record.metric) == (system, "rate_prior_bpp")
        return record.model_copy(update={"value": 0.6}) if is_it else record

    run = dataclasses.replace(example_run, records=[worse(each) for each in example_run.records])
    said = f"{system} (prior 0.600 above empirical 0.537 bpp)"
    foots = [build(RATES, system_names(each), each).foot for each in (example_run, run)]
    assert [any(said in line for line in foot) for foot in foots] == [False, True]
    assert "Not coded: " in foots[0][0]


def test_cost_never_takes_a_tokenizers_numbers_for_the_systems(example_run):
    names = [*tokenizer_names(example_run), *system_names(example_run)]
    table = build(COST, names, example_run)
    assert row_of(table, "dq")["parameters"].text == "2.31"
    assert row_of(table, "dq + coarse-to-fine")["parameters"].text == "1.90"
    assert row_of(table, "dq + coarse-to-fine")["MACs"].text == "–"  # noqa: RUF001 - an en dash
    assert "of a system its prior's alone; of a tokenizer its own" in table.foot[0]


def test_precision_and_recall_stand_in_the_table_and_coverage_in_the_csv(example_run):
    table = build(SYSTEMS, system_names(example_run), example_run)
    titles = [heading.title for heading in table.headings]
    assert titles[-6:] == ["FD", "KID", "IS", "precision", "recall", "sampling"]
    assert "coverage" not in titles
    assert row_of(table, "rq-8x8x4 + raster")["precision"].text == "0.650"  # 0.8 - 75 / 500
    assert "system.coverage_effnetlite0" in wide_frame(example_run)


def test_a_corrected_distance_stands_behind_the_plain_one(record):
    names = ("fd_net", "fd_corrected_net", "kid_net")
    run = RunData([record("a + p", name, 1.0) for name in names], [])
    titles = [heading.title for heading in build(SYSTEMS, ["a + p"], run).headings]
    assert titles == ["System", "FD", "FD corrected", "KID"]


def test_the_wide_csv_has_a_row_a_system_in_full_precision(example_run, drawn):
    frame = pd.read_csv(drawn / "tables" / "comparison.csv")
    assert frame["system"].tolist() == [*example_run.systems, "vq-16x16"]
    row = frame.set_index("system").loc["rq-8x8x4 + raster"]
    assert row["tokenizer.psnr_db"] == 22.3
    assert row["system.fd_effnetlite0.low"] == 71.0
    assert row["tokenizer.parameters"] == 2.31e6
    assert row["system.parameters"] == 1.9e6


def test_the_long_csv_has_all_records(example_run, drawn):
    assert len(pd.read_csv(drawn / "tables" / "records.csv")) == len(example_run.records)


def test_a_hundred_columns_of_terminal_show_every_number_whole(example_run, tmp_path):
    console = Console(width=100, record=True, file=io.StringIO())
    console.print(ComparisonTable().draw(example_run, tmp_path).terminal)
    text = console.export_text()
    assert "…" not in text
    for number in ("0.0138", "±0.0030", "71.0", "rq-8x8x4 + depth-stacked"):
        assert number in text


def test_no_records_no_files(tmp_path):
    assert ComparisonTable().draw(RunData([], []), tmp_path).files == []
    assert wide_frame(RunData([], [])).empty


@pytest.mark.parametrize("name", ["tokenizers", "rates", "systems", "cost"])
def test_each_table_is_written_as_markdown_and_latex(drawn, name):
    assert (drawn / "tables" / f"{name}.md").read_text().startswith("### ")
    assert "\\toprule" in (drawn / "tables" / f"{name}.tex").read_text()


@pytest.fixture(scope="module")
def three_seeds(example_run):
    """The example trained three times, each time a little better."""
    records = []
    for seed in range(3):
        for record in example_run.records:
            scale = 1 + 0.01 * seed
            raw = None if record.raw is None else [scale * value for value in record.raw]
            changes = {"seed": seed, "value": scale * record.value, "raw": raw}
            records.append(record.model_copy(update=changes))
    return dataclasses.replace(example_run, records=pool(records))


def test_several_seeds_show_their_mean_and_an_interval_that_covers_training_again(
    example_run, three_seeds
):
    single = row_of(build(TOKENIZERS, tokenizer_names(example_run), example_run), "dq")["PSNR"]
    table = build(TOKENIZERS, tokenizer_names(three_seeds), three_seeds)
    cell = row_of(table, "dq")["PSNR"]
    assert cell.text == "21.61"  # 21.4 times 1.01
    assert float(cell.aside[1:]) > float(single.aside[1:])
    (line,) = [line for line in table.foot if line.startswith("3 training seeds (0, 1, 2)")]
    assert "PSNR 0.23 dB" in line  # vq-16x16: 23.1, 23.331, 23.562


def test_the_wide_csv_sets_images_and_seeds_apart(three_seeds):
    row = wide_frame(three_seeds).set_index("tokenizer").loc["vq-16x16"]
    key = "tokenizer.psnr_db"
    assert row[f"{key}.seed_sd"] == pytest.approx(0.231)
    assert row[f"{key}.low"] < row[f"{key}.image_low"] < row[key]


def test_all_tables_of_several_seeds_fit_a_terminal(three_seeds, tmp_path):
    console = Console(width=100, record=True, file=io.StringIO())
    console.print(ComparisonTable().draw(three_seeds, tmp_path).terminal)
    assert "…" not in console.export_text()
