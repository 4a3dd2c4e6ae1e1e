"""Mirrors rqbench_reports/terminal.py."""

import io

from rich.console import Console

from rqbench_reports.table import Cell, Heading, Table
from rqbench_reports.terminal import to_terminal


def test_the_interval_stands_under_its_number_and_names_are_no_markup():
    table = Table(
        "t", "T", [Heading("System"), Heading("PSNR", "dB")], [[Cell("[red]"), Cell("9", "±1")]]
    )
    console = Console(width=60, file=io.StringIO(), record=True)
    console.print(to_terminal(table))
    lines = [line.rstrip() for line in console.export_text().splitlines() if line.strip()]
    assert lines[0].strip() == "T"
    assert lines[1].endswith("PSNR")
    assert lines[2].endswith("dB")
    assert lines[4].split() == ["[red]", "9"]
    assert lines[5].split() == ["±1"]
