"""A stage: one artifact of an experiment, named by the hash of all that it depends on."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from .files import digest_of
from .progress import Progress


@dataclass(frozen=True)
class Context:
    """What a stage's work may use.

    Attributes:
        folder: its own, existing; holds a checkpoint where the work was interrupted.
        inputs: the folders of its input stages, by stage name.
    """

    folder: Path
    inputs: Mapping[str, Path]
    device: str
    progress: Progress


@dataclass(frozen=True)
class Estimate:
    """What a stage is expected to need."""

    seconds: float
    disk_bytes: int = 0


@dataclass(frozen=True, eq=False)
class Stage:
    """One step on the way from data to records.

    Attributes:
        name: such as "tokenizer/rq-8x8x4"; unique in an experiment.
        facts: everything that decides the outcome, besides the inputs.
        inputs: stages whose results it reads.
        work: does it and returns the names of the files it wrote into its folder.
        estimate: tries a little of the work and says what all of it needs.
    """

    name: str
    facts: Mapping[str, Any]
    inputs: tuple["Stage", ...]
    work: Callable[[Context], list[str]]
    estimate: Callable[[], Estimate]

    @cached_property
    def key(self) -> str:
        """Hash of the facts and of the inputs' keys."""
        return digest_of(
            {"name": self.name, "facts": self.facts, "inputs": [stage.key for stage in self.inputs]}
        )

    @property
    def folder_name(self) -> str:
        return f"{self.name.replace('/', '-').replace(' + ', '+')}-{self.key[:10]}"
