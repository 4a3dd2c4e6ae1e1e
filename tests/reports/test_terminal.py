"""Mirrors rqbench_reports/terminal.py."""

import io

import pytest
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


LONG = Table(
    "t", "T", [Heading("system"), Heading("setting"), Heading("speed", "1/s"), Heading("prior")],
    [
        [Cell("rqvae-8x8x4 + huge"), Cell("paper"), Cell("4", "[3, 5]"), Cell("145")],
        [Cell("rqvae-8x8x4 + huge"), Cell("paper"), Cell("5", "[4, 6]"), Cell("111")],
        [Cell("vq + huge"), Cell("fast, tf32"), Cell("6", "[5, 7]"), Cell("99")],
    ],
    num_names=2,
)  # fmt: skip


def printed(table: Table, width: int, is_terminal: bool = True) -> list[list[str]]:
    """The words of each line."""
    console = Console(
        width=width, file=io.StringIO(), force_terminal=is_terminal, color_system=None
    )
    console.print(to_terminal(table), crop=False)
    return [words for line in console.file.getvalue().splitlines() if (words := line.split())]


def test_names_are_broken_at_spaces_alone_where_that_is_enough():
    """Columns of 11, 7, 6 and 5, two between each and one at either end: 37 in all."""
    assert printed(LONG, 38)[4:8] == [
        ["rqvae-8x8x4", "paper", "4", "145"], ["+", "huge", "[3,", "5]"],
        ["rqvae-8x8x4", "paper", "5", "111"], ["+", "huge", "[4,", "6]"],
    ]  # fmt: skip


@pytest.mark.parametrize("width", [36, 8])
def test_where_columns_have_no_room_names_stand_above_their_rows_and_nothing_is_cut(width):
    assert printed(LONG, width) == [
        ["T"], ["speed"], ["1/s", "prior"], ["─" * 13],
        ["rqvae-8x8x4", "+", "huge,", "paper"],
        ["4", "145"], ["[3,", "5]"], ["5", "111"], ["[4,", "6]"],
        ["vq", "+", "huge,", "fast,", "tf32"], ["6", "99"], ["[5,", "7]"],
    ]  # fmt: skip


@pytest.mark.parametrize("width", [110, 8])
def test_in_a_pipe_every_name_keeps_its_line(width):
    lines = printed(LONG, width, is_terminal=False)
    assert ["rqvae-8x8x4", "+", "huge", "paper", "4", "145"] in lines
    assert ["vq", "+", "huge", "fast,", "tf32", "6", "99"] in lines


def test_spare_room_goes_to_the_first_names():
    assert ["rqvae-8x8x4", "+", "paper", "4", "145"] in printed(LONG, 40)
    assert ["vq", "+", "huge", "fast,", "6", "99"] in printed(LONG, 40)
