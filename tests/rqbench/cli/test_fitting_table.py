"""Mirrors rqbench/cli/fitting_table.py."""

import pytest
from rich.console import Console

from rqbench.cli.fitting_table import print_numbers, print_texts

NUMBERS = ("name", "first score", "second"), [("a", "1.0 ± 0.5", "22"), ("bb", "", "3")]
TEXTS = ("name", "what it is"), [("tf1-bilinear", "as it was"), ("a", "b")]


@pytest.fixture
def shown(capsys):
    """The lines that a terminal of this width shows; None for a pipe."""

    def show(draw, table, width):
        draw(Console(width=width or 110, force_terminal=width is not None), *table)
        return capsys.readouterr().out.splitlines()

    return show


def test_in_a_pipe_a_row_is_one_line_of_markdown(shown):
    assert shown(print_texts, TEXTS, None) == [
        "",
        "| name         | what it is |",
        "|--------------|------------|",
        "| tf1-bilinear | as it was  |",
        "| a            | b          |",
        "",
    ]
    long = ("name", "what it is"), [("a", "word " * 100)]
    assert len(shown(print_texts, long, None)) == 5


def test_an_upright_stroke_in_a_cell_does_not_end_it(shown):
    table = ("name", "a|b"), [("mine | yours", "1")]
    for draw, cell in ((print_texts, "1   "), (print_numbers, "   1")):
        head, _, row = shown(draw, table, None)[1:4]
        assert head == r"| name          | a\|b |"
        assert row == rf"| mine \| yours | {cell} |"


def test_in_a_terminal_words_wrap_at_spaces_and_are_never_broken(shown):
    assert shown(print_texts, TEXTS, 24) == [
        "",
        "| name         | what  |",
        "|              | it is |",
        "|--------------|-------|",
        "| tf1-bilinear | as it |",
        "|              | was   |",
        "| a            | b     |",
        "",
    ]
    assert any("tf1-bilinear" in line for line in shown(print_texts, TEXTS, 5))


def test_numbers_stand_at_the_right_and_keep_their_line(shown):
    assert shown(print_numbers, NUMBERS, None) == [
        "",
        "| name | first score | second |",
        "|------|------------:|-------:|",
        "| a    |   1.0 ± 0.5 |     22 |",
        "| bb   |             |      3 |",
        "",
    ]
    assert shown(print_numbers, NUMBERS, 29)[1:4] == [
        "| name |     first | second |",
        "|      |     score |        |",
        "|------|----------:|-------:|",
    ]


def test_columns_without_room_go_into_a_further_table_with_the_names(shown):
    assert shown(print_numbers, NUMBERS, 28) == [
        "",
        "| name |     first |",
        "|      |     score |",
        "|------|----------:|",
        "| a    | 1.0 ± 0.5 |",
        "| bb   |           |",
        "",
        "| name | second |",
        "|------|-------:|",
        "| a    |     22 |",
        "| bb   |      3 |",
        "",
    ]
