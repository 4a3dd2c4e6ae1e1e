"""What all stages of one experiment share."""

import hashlib
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path
from typing import Any

import torch

from .. import __version__
from ..condition_spec import ConditionSpec
from ..data import ImageData
from ..environment import describe_environment, environment_id
from ..experiment import Experiment
from ..layout import CodeLayout
from ..models import build_tokenizer
from ..seed import derive_seed
from ..unfilled import Unfilled
from .recording import Provenance

DECIDING = ("torch", "torchvision", "torch-fidelity", "clean-fid", "numpy", "pillow")
"""Packages whose version can change a number."""


@cache
def _code_digest() -> str:
    """Of the harness's code that decides numbers, so that an edit computes stages again."""
    root = Path(__file__).parent.parent
    folders = [root / "stages", root / "metrics", root / "data", root / "bitstream"]
    files = [*root.glob("*.py"), *(path for folder in folders for path in folder.glob("*.py"))]
    spared = {"reporting.py", "report.py", "progress.py", "doctor.py", "dry_run.py", "compare.py"}
    spared |= {"controls.py", "sides.py"}  # of reports
    spared |= {"question.py"}  # of configs that stages hash anyway
    digest = hashlib.sha256()
    for path in sorted(path for path in files if path.name not in spared):
        digest.update(path.read_bytes())
    return digest.hexdigest()[:16]


@dataclass(frozen=True)
class Setting:
    """The experiment, its open data and the device."""

    experiment: Experiment
    data: ImageData
    device: str

    @property
    def resolution(self) -> int:
        return self.experiment.data.resolution

    def seed(self, *purpose: object) -> int:
        """A seed for one purpose; the same purpose has the same seed in every system."""
        return derive_seed(self.experiment.seed, *purpose)

    @property
    def common_facts(self) -> dict[str, Any]:
        """What decides the result of everything that learns or draws."""
        return {**self.seedless_facts, "seed": self.experiment.seed}

    @cached_property
    def seedless_facts(self) -> dict[str, Any]:
        """What decides every result: data, versions, and on a CPU the number of threads."""
        kind = self.device.partition(":")[0]
        return {
            "data": self.data.digest,
            "resolution": self.resolution,
            "held_out": self.experiment.data.held_out,
            "device": kind,
            "threads": torch.get_num_threads() if kind == "cpu" else None,
            "rqbench": __version__,
            "code": _code_digest(),
            "packages": {name: self.environment["packages"][name] for name in DECIDING},
        }

    @cached_property
    def environment(self) -> dict[str, Any]:
        return describe_environment(self.device)

    @property
    def environment_id(self) -> str:
        return environment_id(self.environment)

    @property
    def provenance(self) -> Provenance:
        experiment, data = self.experiment, self.data
        return Provenance(
            experiment.name, data.name, data.split, experiment.seed, self.environment_id
        )

    @property
    def condition(self) -> ConditionSpec | None:
        names = self.data.class_names
        return ConditionSpec(len(names)) if names else None

    @cached_property
    def layouts(self) -> dict[str, CodeLayout]:
        """The layout of each tokenizer of the experiment, at its resolution."""
        with Unfilled():
            return {
                name: build_tokenizer(spec.type, spec.config, f"tokenizers.{name}.config").layout(
                    self.resolution
                )
                for name, spec in self.experiment.tokenizers.items()
            }
