"""All commands. They end with 0 done, 1 some work failed, 2 a wrong request, 130 stopped."""

import os
import signal
import sys
from types import FrameType
from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape

from .. import __version__
from ..errors import RqbenchError
from .compare import compare
from .compress import compress
from .decompress import decompress
from .doctor import doctor
from .evaluate import evaluate
from .export import export
from .fidelity import fidelity
from .import_ import import_
from .plugins import plugins
from .presets import presets
from .rd import rd
from .report import report
from .sample import sample
from .speed import speed

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="Compare image tokenizers and autoregressive priors in one harness.",
)
app.command()(compare)
app.command()(report)
app.command()(sample)
app.command()(evaluate)
app.command()(speed)
app.command()(rd)
app.command()(compress)
app.command()(decompress)
app.command()(presets)
app.command("import")(import_)
app.command()(export)
app.command()(doctor)
app.add_typer(fidelity, name="fidelity")
app.add_typer(plugins, name="plugins")


def _print_version(wanted: bool) -> bool:
    if wanted:
        print(f"rqbench {__version__}")
        raise typer.Exit
    return wanted


@app.callback()
def _options(
    version: Annotated[
        bool,
        typer.Option(
            "--version", callback=_print_version, is_eager=True, help="Print the version, and exit."
        ),
    ] = False,
) -> None:
    """Compare image tokenizers and autoregressive priors in one harness."""


def main() -> None:
    """Run a command; errors that a user can mend are printed without a traceback."""
    signal.signal(signal.SIGTERM, _as_interrupt)
    # Threads that spin while they wait make torch several times slower where another process wants
    # the same cores. It must be set before torch is loaded; the user's own choice stands.
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
    try:
        app()
    except (RqbenchError, OSError) as error:  # OSError: a full disk, a read-only folder
        said = f"[red]error[/red] {escape(str(error))}"
        Console(stderr=True).print(said, emoji=False, highlight=False, soft_wrap=True)
        sys.exit(2)
    except KeyboardInterrupt:
        Console(stderr=True).print("stopped")
        sys.exit(130)


def _as_interrupt(number: int, frame: FrameType | None) -> None:
    raise KeyboardInterrupt
