"""Mirrors rqbench/cli/app.py."""

import os
import signal
import subprocess
import sys

import pytest

from rqbench import __version__, doctor
from rqbench.errors import RqbenchError

HELP = """
import sys
from rqbench.cli import main
for arguments in (
    [], ["compare"], ["report"], ["sample"], ["presets"], ["import"], ["export"], ["doctor"],
    ["plugins"], ["plugins", "list"], ["rd"],
):
    sys.argv = ["rqbench", *arguments, "--help"]
    try:
        main()
    except SystemExit as ended:
        assert not ended.code
slow = {"torch", "numpy", "matplotlib"} & sys.modules.keys()
assert not slow, slow
"""


def test_help_of_every_command_imports_nothing_heavy():
    ended = subprocess.run(
        [sys.executable, "-c", HELP], capture_output=True, text=True, check=False
    )
    assert ended.returncode == 0, ended.stderr
    assert "--dry-run" in ended.stdout


def test_the_version_is_told(rqbench):
    told = rqbench("--version")
    assert (told.status, told.out) == (0, f"rqbench {__version__}\n")


def test_an_unknown_command_or_option_is_a_wrong_request(rqbench):
    assert rqbench("compere").status == 2
    assert rqbench("compare", "--oot", "x").status == 2


@pytest.fixture
def failing(monkeypatch):
    """Make `rqbench doctor` end with an error."""

    def fail(error):
        def examine():
            raise error

        monkeypatch.setattr(doctor, "examine", examine)

    return fail


def test_an_error_that_a_user_can_mend_is_printed_without_a_traceback(rqbench, failing):
    failing(RqbenchError("data[/x]/[bold]a.png of folder:a: cannot be read. " + "Mend it. " * 30))
    ended = rqbench("doctor")
    assert ended.status == 2
    assert ended.out == ""
    assert ended.err.startswith("error data[/x]/[bold]a.png of folder:a: cannot be read. Mend it. ")
    assert ended.err.count("\n") == 1


def test_an_interruption_ends_with_130(rqbench, failing):
    failing(KeyboardInterrupt())
    assert rqbench("doctor").status == 130


def test_a_polite_kill_is_an_interruption(rqbench, monkeypatch):
    monkeypatch.setattr(doctor, "examine", lambda: os.kill(os.getpid(), signal.SIGTERM))
    assert rqbench("doctor").status == 130


def test_a_fault_of_the_program_keeps_its_traceback(rqbench, failing):
    failing(ZeroDivisionError())
    with pytest.raises(ZeroDivisionError):
        rqbench("doctor")
