"""Mirrors rqbench/cli/output.py."""

import json
import math
from pathlib import Path

import pytest
from rich.console import Console

from rqbench.cli.output import PIPE_WIDTH, print_outcome, result_console
from rqbench.compare import Outcome


def test_json_holds_no_number_that_json_has_not(finished, spoken, capsys):
    endless = finished.records[0].model_copy(update={"value": math.inf})
    print_outcome(Outcome(Path("run"), [endless], {}, [], []), Console(), spoken, True)
    told = json.loads(capsys.readouterr().out, parse_constant=pytest.fail)
    assert told["records"][0]["value"] == "inf"


def test_a_pipe_is_wide_enough_for_all_tables():
    assert result_console().width == PIPE_WIDTH
