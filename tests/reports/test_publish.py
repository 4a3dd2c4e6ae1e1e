"""Mirrors rqbench_reports/publish.py."""

from rqbench_reports.publish import publish
from rqbench_reports.table import Cell, Heading, Table


def test_a_table_is_written_in_all_forms_and_the_files_are_named(tmp_path):
    table = Table("t", "T", [Heading("a")], [[Cell("1")]])
    drawn = publish([table], tmp_path, {"t": "a\n1\n"})
    assert [path.name for path in drawn.files] == ["t.md", "t.tex", "t.csv"]
    assert all(path.is_file() for path in drawn.files)
    assert drawn.terminal is not None
