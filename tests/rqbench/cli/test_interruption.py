"""Mirrors rqbench/cli/interruption.py."""

from pathlib import Path

import pytest

from rqbench.cli.interruption import going_on_from


@pytest.mark.parametrize(
    ("is_begun", "said"),
    [
        (True, "Stopped. What is done is kept in [run]; the same command goes on from there."),
        (False, "Stopped. Nothing was computed yet."),
    ],
)
def test_whoever_stops_a_command_is_told_what_is_kept(
    tmp_path, monkeypatch, capsys, is_begun, said
):
    monkeypatch.chdir(tmp_path)
    folder = Path("[run]")
    if is_begun:
        folder.mkdir()
    with pytest.raises(SystemExit) as ended, going_on_from(folder):
        raise KeyboardInterrupt
    assert ended.value.code == 130
    assert capsys.readouterr() == ("", f"\n{said}\n")
