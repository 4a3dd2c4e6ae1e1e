"""Mirrors rqbench_reports/fidelity_scores.py."""

import io

import pandas as pd
import pytest

from rqbench.api import Contrast, Remark, RunData
from rqbench_reports.fidelity_scores import differences, differences_csv, fidelity_tables

ROWS = ("folder:a", "folder:b")


def contrast(metric="fid", **changes):
    values = {
        "metric": metric, "system": "folder:a", "against": "folder:b", "difference": -12.34,
        "ci95": (-20.0, -4.68), "p_value": 0.0004, "smallest_detectable": 10.94,
        "higher_is_better": False,
    }  # fmt: skip
    return Contrast(**values | changes)


@pytest.fixture
def run(record):
    metrics = ("fid", "fid_corrected", "kid_net", "precision", "coverage_net")
    found = [record(name, metric, 0.5) for name in ROWS for metric in metrics]
    found += [record(name, "training_copies_share", 0.25) for name in ROWS]
    said = [
        Remark(text="warning: few", systems=ROWS),
        Remark(text="neighbours 3", systems=ROWS, metrics=("precision", "coverage_net")),
        Remark(text="subset size 9", systems=ROWS[:1], metrics=("kid_net",)),
    ]
    return RunData(found, [], remarks=said, contrasts=[contrast()])


def test_scores_of_pictures_have_their_own_tables_and_no_training_seeds(run):
    """As `rqbench fidelity score` records them: of sets of pictures, which nobody trained."""
    scores, neighbours, _ = fidelity_tables(run)
    assert [heading.title for heading in scores.headings[1:]] == ["FID", "FID corrected", "KID"]
    assert [cell.text for cell in neighbours.rows[0]] == ["folder:a", "0.500", "0.500", "25.0"]
    assert not any("seed" in line for table in (scores, neighbours) for line in table.foot)


def test_no_table_of_a_trained_system_repeats_its_scores(example_run):
    assert fidelity_tables(example_run) == []


def test_what_is_said_of_a_column_stands_under_it_and_what_is_said_of_all_stands_once(run):
    scores, neighbours, _ = fidelity_tables(run)
    assert scores.foot[-2:] == ["warning: few.", "folder:a: KID: subset size 9."]
    assert neighbours.foot[-2] == "precision, coverage: neighbours 3."
    assert "notes and warnings: under the table of scores" in neighbours.foot[-1]


def test_the_only_table_says_all(record):
    remark = Remark(text="few", systems=("folder:a",))
    run = RunData([record("folder:a", "recall", 0.5)], [], remarks=[remark])
    [table] = fidelity_tables(run)
    assert table.foot[-1] == "few."


def test_a_difference_stands_with_its_interval_and_what_could_have_been_seen(run):
    table = differences(run.contrasts)
    assert [[cell.text for cell in row] for row in table.rows] == [
        ["folder:a", "folder:b", "FID ↓", "-12.3", "-20.0 .. -4.7", "< 0.001", "10.9"]
    ]


def test_a_share_is_in_percent_on_both_sides(run):
    copies = contrast("training_copies_share", difference=0.1, ci95=(0.05, 0.15), p_value=0.03)
    [row] = differences([copies]).rows
    assert [cell.text for cell in row[3:6]] == ["+10.0", "+5.0 .. +15.0", "0.030"]


def test_a_difference_that_is_rounded_to_zero_is_not_below_it(run):
    [row] = differences([contrast("kid", difference=-0.01, ci95=(-20.0, 20.0))]).rows
    assert [cell.text for cell in row[3:5]] == ["+0.0", "-20.0 .. +20.0"]


def test_the_csv_has_full_precision(run):
    frame = pd.read_csv(io.StringIO(differences_csv(run.contrasts)["differences"]))
    assert frame.loc[0, ["difference", "low", "high"]].tolist() == [-12.34, -20.0, -4.68]
    assert differences_csv([]) == {}
