"""Running commands as the shell does, in this process."""

import signal
import sys
from collections.abc import Callable, Iterator
from typing import NamedTuple

import pytest

from rqbench.cli import main


class Ended(NamedTuple):
    """A command's exit status and what it wrote."""

    status: int
    out: str
    err: str


@pytest.fixture
def rqbench(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Iterator[Callable[..., Ended]]:
    """`rqbench("plugins", "list")` runs that command line."""
    before = signal.getsignal(signal.SIGTERM)

    def run(*arguments: object) -> Ended:
        monkeypatch.setattr(sys, "argv", ["rqbench", *map(str, arguments)])
        capsys.readouterr()
        with pytest.raises(SystemExit) as ended:
            main()
        written = capsys.readouterr()
        return Ended(int(ended.value.code or 0), written.out, written.err)

    yield run
    signal.signal(signal.SIGTERM, before)
