"""Mirrors rqbench/cli/output.py."""

import json
import math
from pathlib import Path

import pytest
from rich.console import Console

from rqbench.cli.output import (
    PIPE_WIDTH,
    decimals_of,
    interval_text,
    print_outcome,
    result_console,
)  # fmt: skip
from rqbench.compare import Outcome


def test_json_holds_no_number_that_json_has_not(finished, spoken, capsys):
    endless = finished.records[0].model_copy(update={"value": math.inf})
    print_outcome(Outcome(Path("run"), [endless], {}, [], []), Console(), spoken, True)
    told = json.loads(capsys.readouterr().out, parse_constant=pytest.fail)
    assert told["records"][0]["value"] == "inf"


def test_a_pipe_is_wide_enough_for_all_tables():
    assert result_console().width == PIPE_WIDTH


@pytest.mark.parametrize(
    ("value", "error", "shown"),
    [
        (0.16651, 0.00312, "0.1665"),
        (277.81, 5.9, "277.8"),
        (0.55, 0.0996, "0.55"),  # an error of 0.10
        (1234.5, 67.8, "1234"),
        (-0.00004, 0.02, "0.000"),
        (0.123456, 0.0, "0.1235"),
        (0.123456, math.inf, "0.1235"),
    ],
)
def test_the_first_two_digits_of_its_error_decide_how_a_number_is_written(value, error, shown):
    assert f"{value:{decimals_of(error)}}" == shown


def test_an_interval_has_the_decimals_of_its_value():
    assert interval_text((0.16041, 0.17258), decimals_of(0.0031)) == "0.1604 .. 0.1726"
    assert interval_text((0.16041, 0.17258)) == "0.1604 .. 0.1726"
    assert interval_text((-math.inf, math.inf), decimals_of(0.0031)) == ""
