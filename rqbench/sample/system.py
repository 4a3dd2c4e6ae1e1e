"""A complete system of a run, ready to draw."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..choice import Sampling
from ..config import Config, parse_config
from ..data.config import DataConfig
from ..errors import ConfigError, DamagedFileError, did_you_mean
from ..experiment import SystemSpec
from ..files import MANIFEST, check_seal
from ..models import WEIGHTS, load_prior, load_tokenizer
from ..prior import Prior
from ..run_folder import INDEX, RunFolder
from ..stages.setting import Setting
from ..tokenizer import Tokenizer


class SystemEntry(Config):
    """What the index of a run keeps of one complete system.

    Attributes:
        tokenizer, prior: folders below the run.
        class_names: what the prior's condition counts; None without one.
        sampling: the system's own settings.
        batch: images that the experiment draws together.
        seed: of the training.
        crops: training crops whose codes the prior saw.
        data, data_digest: what was trained on.
    """

    tokenizer: str
    prior: str
    class_names: tuple[str, ...] | None
    sampling: Sampling
    batch: int
    seed: int
    crops: int
    data: DataConfig
    data_digest: str


def system_entry(
    setting: Setting, system: SystemSpec, tokenizer: str, prior: str
) -> dict[str, Any]:
    """The entry as plain values, for the index."""
    experiment = setting.experiment
    return SystemEntry(
        tokenizer=tokenizer,
        prior=prior,
        class_names=setting.data.class_names,
        sampling=experiment.priors[system.prior].sampling,
        batch=experiment.measure.sampling_batch,
        seed=experiment.seed,
        crops=experiment.prior_training(system.prior).crops,
        data=experiment.data,
        data_digest=setting.data.digest,
    ).model_dump(mode="json")


@dataclass(frozen=True)
class TrainedSystem:
    """A tokenizer and a prior on one device, in eval mode, and how the experiment draws from them.

    Attributes:
        weights_sha256: of both files of weights, by "tokenizer" and "prior".
    """

    name: str
    entry: SystemEntry
    tokenizer: Tokenizer
    prior: Prior
    weights_sha256: Mapping[str, str]

    @property
    def sampling(self) -> Sampling:
        return self.entry.sampling

    @property
    def class_names(self) -> tuple[str, ...] | None:
        return self.entry.class_names


def load_system(run: Path, name: str | None = None, device: str = "cpu") -> TrainedSystem:
    """Load a system of a run; of a run with only one, the name may be left out.

    Raises:
        ConfigError: no run, no such system, or several and no name.
        DamagedFileError: weights that are not what was written.
    """
    entries = _entries(run)
    chosen = _choose(run, name, list(entries))
    entry = parse_config(SystemEntry, entries[chosen], f"{run / INDEX}: {chosen}")
    tokenizer, prior = run / entry.tokenizer, run / entry.prior
    sha256 = {"tokenizer": _weights_sha256(tokenizer), "prior": _weights_sha256(prior)}
    return TrainedSystem(
        chosen, entry, load_tokenizer(tokenizer, device), load_prior(prior, device), sha256
    )


def _entries(run: Path) -> dict[str, Any]:
    RunFolder(run)  # refuses a folder of something else
    path = run / INDEX
    try:
        found: dict[str, Any] = json.loads(path.read_text())["models"]
    except FileNotFoundError:
        raise ConfigError(
            f"{run} holds no finished run: it has no {INDEX}. Run `rqbench compare --out {run}` "
            "first."
        ) from None
    except (ValueError, KeyError):
        raise DamagedFileError(
            f"{path} does not say where the models lie. Run `rqbench compare` with --out {run} "
            "again; what is complete is kept."
        ) from None
    return found


def _choose(run: Path, name: str | None, known: list[str]) -> str:
    if not known:
        raise ConfigError(
            f"{run} has no complete system. Give its experiment a prior, or run it to its end."
        )
    if name is None and len(known) == 1:
        return known[0]
    if name is None:
        raise ConfigError(f"{run} has {len(known)} systems; name one with --system: {_all(known)}.")
    if name not in known:
        raise ConfigError(
            f"{run} has no complete system {name!r}.{did_you_mean(name, known)} It has: "
            f"{_all(known)}."
        )
    return name


def _all(names: list[str]) -> str:
    return ", ".join(map(repr, names))


def _weights_sha256(folder: Path) -> str:
    check_seal(folder)
    files: dict[str, str] = json.loads((folder / MANIFEST).read_text())["files"]
    return files[WEIGHTS]
