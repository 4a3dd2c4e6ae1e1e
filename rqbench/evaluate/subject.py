"""What is evaluated: a tokenizer, alone or with the prior of a system."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from ..errors import ConfigError, UnsupportedError, did_you_mean
from ..models import (
    CONFIG,
    SYSTEM,
    load_tokenizer,
    model_facts,
    resolution_of,
    weights_sha256,
)  # fmt: skip
from ..prior import Prior
from ..sample.system import TrainedSystem, load_system, read_index
from ..tokenizer import Tokenizer


@dataclass(frozen=True)
class Subject:
    """A tokenizer and perhaps its prior, on one device and in eval mode.

    Attributes:
        name: of the tokenizer.
        resolution: side in pixels of the images that it was made for, if it is known.
        weights_sha256: of the files of weights, by "tokenizer" and "prior".
        system: with its prior; None for a tokenizer alone.
        prior_name: None for a tokenizer alone.
        seed: of the training.
    """

    name: str
    tokenizer: Tokenizer
    resolution: int | None
    weights_sha256: Mapping[str, str]
    system: TrainedSystem | None = None
    prior_name: str | None = None
    seed: int = 0

    @property
    def prior(self) -> Prior | None:
        return None if self.system is None else self.system.prior


def load_subject(
    path: Path | str,
    tokenizer: str | None = None,
    system: str | None = None,
    device: str = "cpu",
) -> Subject:
    """The tokenizer of a model folder; that of an imported system, with its prior; or of a run.

    Args:
        tokenizer, system: of a run, the one by name; needed where there are several.

    Raises:
        ConfigError: nothing of that name, or several and no name.
        UnsupportedError: a prior alone.
        DamagedFileError: weights that are not what was written.
    """
    root = Path(path)
    is_model, is_system = (root / CONFIG).is_file(), (root / SYSTEM).is_file()
    if (is_model or is_system) and (tokenizer or system):
        raise ConfigError(f"--tokenizer and --system choose from a run, and {root} is a model.")
    if is_model:
        return _alone(root, root.resolve().name, device)
    if is_system:
        loaded = load_system(root, None, device)
        prior = model_facts(root / loaded.entry.prior)["type"]
        return _of_system(root, loaded, loaded.name, prior)
    if tokenizer and system:
        raise ConfigError("--tokenizer and --system both say what to evaluate. Leave one out.")
    systems = list(read_index(root, "models"))
    if system is not None or (tokenizer is None and len(systems) == 1):
        loaded = load_system(root, system, device)
        name, _, prior = loaded.name.partition(" + ")
        return _of_system(root, loaded, name, prior)
    return _of_run(root, tokenizer, systems, device)


def _alone(folder: Path, name: str, device: str, seed: int = 0) -> Subject:
    if model_facts(folder).get("kind") == "prior":
        raise UnsupportedError(
            f"{folder} holds a prior, which reads codes and no images. Name the system that it "
            "belongs to, or a tokenizer."
        )
    sha256 = {"tokenizer": weights_sha256(folder)}
    return Subject(name, load_tokenizer(folder, device), resolution_of(folder), sha256, seed=seed)


def _of_system(root: Path, system: TrainedSystem, name: str, prior: str) -> Subject:
    resolution = resolution_of(root / system.entry.tokenizer)
    seed, sha256 = system.entry.seed, system.weights_sha256
    return Subject(name, system.tokenizer, resolution, sha256, system, prior, seed)


def _of_run(root: Path, name: str | None, systems: list[str], device: str) -> Subject:
    """A tokenizer of a run, without a prior."""
    known = read_index(root, "tokenizers")
    if name is None and len(known) != 1:
        raise ConfigError(
            f"{root} has {len(known)} tokenizers; name one with --tokenizer: {', '.join(known)}; "
            f"or, for the prior's rate too, a system with --system: {', '.join(systems) or 'none'}."
        )
    chosen = name or known[0]
    folder = read_index(root, "training").get(f"tokenizer/{chosen}")
    if folder is None:
        raise ConfigError(
            f"{root} has no trained tokenizer {chosen!r}.{did_you_mean(chosen, known)} It has: "
            f"{', '.join(known)}."
        )
    return _alone(root / folder, chosen, device)
