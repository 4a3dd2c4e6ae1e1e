"""A stage: one artifact of an experiment, known by the hash of all that it depends on."""

import re
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
    """What a stage is expected to need.

    Attributes:
        whole: whether what was tried was as large as what the work does at once; else `seconds` may
            be too many, and the memory that the trial took is too little.
    """

    seconds: float
    disk_bytes: int = 0
    whole: bool = True


@dataclass(frozen=True, eq=False)
class Stage:
    """One step on the way from data to records.

    Attributes:
        name: its kind, then after a slash or space whose it is, such as "tokenizer/rq-8x8x4";
            unique in an experiment.
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
        """Hash of the kind, the facts and the inputs' keys.

        Not of the name: two tokenizers that are equal in everything but their names are one stage.
        """
        kind = re.split("[/ ]", self.name)[0]
        return digest_of(
            {"kind": kind, "facts": self.facts, "inputs": [stage.key for stage in self.inputs]}
        )

    @property
    def short_key(self) -> str:
        return self.key[:12]

    @property
    def folder_name(self) -> str:
        label = re.sub(r"[^A-Za-z0-9._+=,-]+", "-", self.name.replace(" + ", "+"))
        return f"{label.strip('-')}-{self.short_key}"
