"""What a command says when the user stops it."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from rich.console import Console


@contextmanager
def going_on_from(folder: Path) -> Iterator[None]:
    """Where work inside is stopped, say what of it is kept in this folder, and end with 130.

    It stands inside the command, since typer ends with 130 without a word.
    """
    try:
        yield
    except KeyboardInterrupt:
        kept = f"What is done is kept in {folder}; the same command goes on from there."
        said = kept if folder.is_dir() else "Nothing was computed yet."
        Console(stderr=True).print(
            f"\nStopped. {said}", markup=False, highlight=False, soft_wrap=True
        )
        sys.exit(130)
