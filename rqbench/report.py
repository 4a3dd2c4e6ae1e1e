"""The contract of a report: a table, plot or page drawn from what a run recorded."""

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .record import Record
from .remarks import Contrast, Remark


@dataclass(frozen=True)
class RunData:
    """All that a report may see. Of merged runs, records stand one after the other.

    Attributes:
        records: everything measured.
        systems: names of complete systems in the order of the experiment.
        training: by stage ("tokenizer/rq-8x8x4", "prior/rq-8x8x4+depth-stacked"), one mapping for
        each
            logged step: {"step": 20, "loss": 0.31, "pixel": ..., "codebook_usage": ...}.
        pictures: by system or tokenizer name, named uint8 arrays `n H W 3`: "originals",
            "reconstructions", "reconstructions depth=2", "samples", ...; and "grain_map" `n r c`.
            "bits" are floats `n h w`, what each cell of the originals' codes costs: of a system
            under its prior, of a tokenizer of dynamic codes nominally.
            Of samples, and of held-out images through the tokenizer, with their nearest training
            crops, the closest ones by features and by codes, and the first ones (by features):
            "nearest/samples/codes/images", ".../crops" and, as floats `n`, ".../distances";
            "nearest/held-out/first/images", ...
        headlines: the experiment's questions, each {"title", "metric", "system", "against", ...}.
        sweep: one entry for each combination of swept values: {"values": by key, "names": by name
            in the experiment, what that tokenizer or system is called at this point}.
        environments: by environment id, versions and machine of the records.
        remarks: what a reader of the numbers has to know.
        contrasts: differences that were found where the numbers were measured.
    """

    records: Sequence[Record]
    systems: Sequence[str]
    training: Mapping[str, Sequence[Mapping[str, int | float]]] = field(default_factory=dict)
    pictures: Mapping[str, Mapping[str, NDArray[np.uint8] | NDArray[np.floating]]] = field(
        default_factory=dict
    )
    headlines: Sequence[Mapping[str, Any]] = field(default_factory=tuple)
    environments: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    sweep: Sequence[Mapping[str, Any]] = field(default_factory=tuple)
    remarks: Sequence[Remark] = ()
    contrasts: Sequence[Contrast] = ()


@dataclass(frozen=True)
class Drawn:
    """What a report made.

    Attributes:
        files: written below the folder it was given.
        terminal: a rich renderable for the terminal, or None.
    """

    files: Sequence[Path]
    terminal: Any = None


class Report(ABC):
    """One table, plot or page."""

    order: int = 50
    """Where it stands among the reports in the terminal and in the index; low is early."""

    draws_curves: bool = False
    """Whether it draws rate against distortion: `rqbench rd` hands it records of one rate and one
    distortion."""

    @abstractmethod
    def draw(self, run: RunData, folder: Path) -> Drawn:
        """Write files into an existing folder; none where the records do not suffice."""
