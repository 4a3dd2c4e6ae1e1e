"""Mirrors rqbench_reports/markdown.py."""

from rqbench_reports.markdown import to_markdown
from rqbench_reports.table import Cell, Heading, Table

TABLE = Table(
    "t",
    "Title",
    [Heading("System"), Heading("PSNR", "dB", "↑")],
    [[Cell("a|b"), Cell("24.1", "±0.6", bold=True)], [Cell("c"), Cell("9.0", mark="†")]],
    ["a *foot*"],
)


def test_columns_are_aligned_in_the_source():
    assert to_markdown(TABLE).splitlines() == [
        "### Title",
        "",
        "| System |   PSNR ↑ (dB) |",
        "| ------ | ------------: |",
        "| a\\|b   | **24.1** ±0.6 |",
        "| c      |          9.0† |",
        "",
        "- a \\*foot\\*",
    ]
