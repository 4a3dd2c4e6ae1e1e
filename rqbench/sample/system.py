"""A tokenizer with a prior, ready to draw: of a run, imported, or put together from two folders."""

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
from ..files import write_json
from ..models import (
    CONFIG,
    ORIGIN,
    SYSTEM,
    load_prior,
    load_tokenizer,
    resolution_of,
    stored_codebook,
    weights_sha256,
)  # fmt: skip
from ..prior import Prior
from ..run_folder import INDEX
from ..stages.setting import Setting
from ..tokenizer import Tokenizer
from .pairing import check_pair

BATCH = 16
"""Images drawn together where nobody has said how many."""


class SystemEntry(Config):
    """What the index of a run, or an imported folder, keeps of one complete system.

    Attributes:
        tokenizer, prior: folders below the run.
        samples: the folder of the samples that the run scored; None where it has none.
        class_names: what the prior's condition counts; None without classes or where they are
            unknown.
        sampling: the system's own settings.
        batch: images that the experiment draws together.
        seed: of the training.
        crops: training crops whose codes the prior saw; 0 where it was trained elsewhere.
        data, data_digest: what was trained on; None where it was trained elsewhere.
    """

    tokenizer: str
    prior: str
    samples: str | None = None
    class_names: tuple[str, ...] | None = None
    sampling: Sampling = Sampling()
    batch: int = BATCH
    seed: int = 0
    crops: int = 0
    data: DataConfig | None = None
    data_digest: str | None = None


def system_entry(
    setting: Setting, system: SystemSpec, tokenizer: str, prior: str, samples: str | None
) -> dict[str, Any]:
    """The entry as plain values, for the index."""
    experiment = setting.experiment
    return SystemEntry(
        tokenizer=tokenizer,
        prior=prior,
        samples=samples,
        class_names=setting.data.class_names,
        sampling=experiment.priors[system.prior].sampling,
        batch=experiment.measure.sampling_batch,
        seed=experiment.seed,
        crops=experiment.prior_training(system.prior).crops,
        data=experiment.data,
        data_digest=setting.data.digest,
    ).model_dump(mode="json")


def write_system(folder: Path, entry: SystemEntry) -> None:
    """Make a system of a folder that holds the entry's two model folders."""
    write_json(folder / SYSTEM, entry.model_dump(mode="json"))


@dataclass(frozen=True)
class TrainedSystem:
    """A tokenizer and a prior on one device, in eval mode, and how images are drawn from them.

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
        """Their numbers where the prior has classes and nobody has named them."""
        condition = self.prior.condition
        if self.entry.class_names is not None or condition is None or condition.length > 1:
            return self.entry.class_names
        return tuple(map(str, range(condition.vocab_size)))


def load_system(
    path: Path | str,
    name: str | None = None,
    device: str = "cpu",
    tokenizer: Path | str | None = None,
) -> TrainedSystem:
    """Load a system of a run, an imported one, or a prior with the tokenizer of its codes.

    Args:
        path: a run, an imported system, or the model folder of a prior.
        name: of a run with several systems, which one.
        tokenizer: with the model folder of a prior, that of its tokenizer, or a system with it.

    Raises:
        ConfigError: no system there, several and no name, or two models that do not fit.
        DamagedFileError: weights that are not what was written.
    """
    root = Path(path)
    chosen, entry = find_entry(root, name, None if tokenizer is None else Path(tokenizer))
    folders = root / entry.tokenizer, root / entry.prior
    sha256 = dict(zip(("tokenizer", "prior"), map(weights_sha256, folders), strict=True))
    models = load_tokenizer(folders[0], device), load_prior(folders[1], device)
    check_pair(chosen, *models, stored_codebook(folders[1]), resolution_of(folders[0]))
    system = TrainedSystem(chosen, entry, *models, sha256)
    _check_names(system)
    return system


def find_entry(
    root: Path, name: str | None = None, tokenizer: Path | None = None
) -> tuple[str, SystemEntry]:
    """The name of a system and where its parts lie below `root`; see `load_system`."""
    is_model = (root / CONFIG).is_file()
    if tokenizer is not None and not is_model:
        raise ConfigError(
            f"{root} is no model folder of a prior, the one thing that --tokenizer goes with. "
            "Leave it out."
        )
    if is_model:
        return root.resolve().name, _entry_of_prior(root, tokenizer)
    if (root / SYSTEM).is_file():
        if name is not None:
            raise ConfigError(f"{root} is one system, and --system chooses among those of a run.")
        return root.resolve().name, read_entry(root)
    entries = read_index(root, "models")
    chosen = _choose(root, name, list(entries))
    return chosen, parse_config(SystemEntry, entries[chosen], f"{root / INDEX}: {chosen}")


def read_entry(folder: Path) -> SystemEntry:
    """What an imported folder says of its system."""
    path = folder / SYSTEM
    try:
        values = dict(json.loads(path.read_text()))
    except (ValueError, TypeError):
        raise DamagedFileError(f"{path} describes no system. Import it again.") from None
    return parse_config(SystemEntry, values, str(path))


def tokenizer_folder(path: Path) -> Path:
    """The model folder of a tokenizer: itself, or the one inside an imported system."""
    return path / read_entry(path).tokenizer if (path / SYSTEM).is_file() else path


def _entry_of_prior(folder: Path, tokenizer: Path | None) -> SystemEntry:
    """Of two folders that may lie anywhere."""
    if tokenizer is not None:
        # an absolute path stays what it is below any folder
        beside = str(tokenizer_folder(tokenizer.resolve()))
        return SystemEntry(tokenizer=beside, prior=".", sampling=_published_sampling(folder))
    raise ConfigError(
        f"{folder} holds one model, and drawing images needs two: a prior and the tokenizer of its "
        "codes. Name a run or an imported system; or name the folder of a prior and pass that of "
        "its tokenizer as --tokenizer."
    )


def _published_sampling(folder: Path) -> Sampling:
    path = folder / ORIGIN
    try:
        told = json.loads(path.read_text())["sampling"] if path.is_file() else None
        values = dict(told or {})  # null for a tokenizer, which is refused when it is loaded
    except (ValueError, KeyError, TypeError):
        raise DamagedFileError(f"{path} tells no sampling. Import the model again.") from None
    return parse_config(Sampling, values, f"{path}: sampling")


def _check_names(system: TrainedSystem) -> None:
    condition, names = system.prior.condition, system.entry.class_names
    if names is None or (condition is not None and len(names) == condition.vocab_size):
        return
    has = "no condition" if condition is None else f"{condition.vocab_size} classes"
    raise ConfigError(
        f"{system.name!r} names {len(names)} classes, and its prior has {has}. Its two parts are "
        "not those that were written."
    )


def read_index(run: Path, part: str) -> Any:
    """One part of what a run's index says.

    Raises:
        ConfigError: no such index.
        DamagedFileError: an index without that part.
    """
    path = run / INDEX
    try:
        found: Any = json.loads(path.read_text())[part]
    except (FileNotFoundError, NotADirectoryError):
        raise ConfigError(
            f"{run} holds no models: it is no finished run ({INDEX}), no imported system "
            f"({SYSTEM}) and no model folder ({CONFIG}). `rqbench compare` makes the first, "
            "`rqbench import` the others."
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
