"""The tokenizer that a prior goes with: inside its checkpoint, beside it, or given by the user."""

from dataclasses import dataclass
from pathlib import Path

from ..files import check_seal, is_sealed
from ..models import load_tokenizer, resolution_of
from ..sample.system import tokenizer_folder
from ..tokenizer import Tokenizer


@dataclass(frozen=True)
class Beside:
    """A filled tokenizer.

    Attributes:
        name: for messages.
        resolution: side in pixels of the images that it was made for; None leaves the prior's grid
            open.
    """

    model: Tokenizer
    name: str
    resolution: int | None


@dataclass(frozen=True)
class Given(Beside):
    """One that the user gave, with its model folder."""

    folder: Path


def given_tokenizer(path: Path) -> Given:
    """The tokenizer of a model folder, or of a system folder.

    Raises:
        ConfigError, DamagedFileError: see `load_tokenizer` and `check_seal`.
    """
    folder = tokenizer_folder(path)
    if is_sealed(folder):
        check_seal(folder)
    return Given(load_tokenizer(folder, "cpu"), str(path), resolution_of(folder), folder)
