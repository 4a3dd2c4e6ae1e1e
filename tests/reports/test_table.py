"""Mirrors rqbench_reports/table.py."""

import pytest

from rqbench_reports.table import Cell, Heading, Table


def test_a_row_of_another_length_is_refused():
    with pytest.raises(ValueError, match="A row of 1 cells does not fit 2 columns"):
        Table("t", "T", [Heading("a"), Heading("b")], [[Cell("1")]])
