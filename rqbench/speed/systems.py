"""Systems on the bench: of a run, imported, of presets, or random weights of two configs."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import torch

from ..choice import Sampling
from ..errors import ConfigError, UnsupportedError
from ..evaluate.subject import load_subject
from ..model_preset import build_model, find_model_preset
from ..models import CONFIG, SYSTEM, build_prior, build_tokenizer
from ..prior import Prior
from ..sample.system import read_index
from ..tokenizer import Tokenizer
from .bench import Bench, Dtype, SystemSpec
from .memory_end import free_unused


@dataclass(frozen=True)
class TimedSystem:
    """One system in eval mode on the bench's device.

    Attributes:
        weights: what they are: the files' hashes, or "random".
    """

    tokenizer_name: str
    prior_name: str
    tokenizer: Tokenizer
    prior: Prior
    sampling: Sampling
    weights: Mapping[str, str]
    seed: int = 0

    @property
    def name(self) -> str:
        return f"{self.tokenizer_name} + {self.prior_name}"

    @property
    def models(self) -> tuple[Tokenizer, Prior]:
        return self.tokenizer, self.prior

    def condition(self, batch: int, device: str) -> torch.Tensor | None:
        """Integers that the prior knows, equally often; None where it takes none."""
        spec = self.prior.condition
        if spec is None:
            return None
        rows = torch.arange(batch, device=device)[:, None]
        return (rows + torch.arange(spec.length, device=device)) % spec.vocab_size


Offer = tuple[str, Callable[[], TimedSystem]]
"""A system by name, and what loads it."""


def load_systems(bench: Bench, device: str) -> list[TimedSystem]:
    """The systems of the bench that are to be timed, each once, in the dtype of its first setting.

    Raises:
        ConfigError: nothing of that name, or two systems of one name.
        UnsupportedError: sampling with guidance.
    """
    offers = [offer for spec in bench.systems for offer in _offers(spec, device)]
    names = [name for name, _ in offers]
    for name in names:
        if names.count(name) > 1:
            raise ConfigError(f"Two systems are called {name!r}. Name each one once.")
    systems = [dict(offers)[name]() for name in bench.chosen(names)]
    for system in systems:
        if system.sampling.guidance != 1:
            raise UnsupportedError(
                f"{system.name} draws with guidance, and the audit of a timing replays draws "
                "without. Time a system whose sampling has none."
            )
        for model in system.models:
            model.to(device=device, dtype=getattr(torch, bench.passes[0].dtype))
    return systems


def cast(systems: Sequence[TimedSystem], dtype: Dtype) -> None:
    """All weights in this dtype, in place; on CUDA what that leaves is free for others."""
    for system in systems:
        for model in system.models:
            model.to(dtype=getattr(torch, dtype))
    free_unused()


def _offers(spec: SystemSpec, device: str) -> list[Offer]:
    """All systems of a part of the bench. Models of random weights, which may be large, are built
    when they are loaded; folders tell their names when they are read."""
    path = Path(spec.model) if spec.model else None
    if path is None or not path.is_dir():
        return [(_name_of(spec), partial(_built, spec, device))]
    is_one = (path / CONFIG).is_file() or (path / SYSTEM).is_file()
    found = [_of_folder(path, name) for name in ([None] if is_one else _in_order(path))]
    return [(system.name, partial(_as_it_is, system)) for system in found]


def _as_it_is(system: TimedSystem) -> TimedSystem:
    return system


def _name_of(spec: SystemSpec) -> str:
    """Of random weights, as `TimedSystem.name` will be."""
    if spec.model:
        return f"{find_model_preset(spec.model, 'prior').tokenizer} + {spec.model}"
    assert spec.prior is not None
    return f"{spec.name} + {spec.prior.type}"


def _built(spec: SystemSpec, device: str) -> TimedSystem:
    with torch.device(device):  # a CPU takes minutes to draw the weights of a large model
        return _of_preset(spec.model) if spec.model else _random(spec)


def _in_order(run: Path) -> list[str]:
    """The systems of a run that have models, as its tables list them."""
    models = read_index(run, "models")
    return [name for name in read_index(run, "systems") if name in models]


def _of_folder(path: Path, name: str | None) -> TimedSystem:
    subject = load_subject(path, system=name)
    if subject.system is None or subject.prior_name is None:
        raise ConfigError(f"{path} holds a tokenizer alone, and drawing images needs a prior too.")
    system = subject.system
    return TimedSystem(
        subject.name, subject.prior_name, system.tokenizer, system.prior, system.sampling,
        dict(system.weights_sha256), subject.seed,
    )  # fmt: skip


def _of_preset(name: str) -> TimedSystem:
    preset = find_model_preset(name, "prior")
    assert preset.tokenizer is not None  # every prior's preset names one
    tokenizer, prior = build_model(preset.tokenizer), build_model(name)
    assert isinstance(tokenizer, Tokenizer) and isinstance(prior, Prior)
    sampling = Sampling.model_validate(preset.sampling)
    return TimedSystem(preset.tokenizer, name, tokenizer, prior, sampling, {"weights": "random"})


def _random(spec: SystemSpec) -> TimedSystem:
    assert spec.tokenizer and spec.prior and spec.name
    where = f"systems: {spec.name}"
    tokenizer = build_tokenizer(spec.tokenizer.type, spec.tokenizer.config, where).eval()
    layout, codebook = tokenizer.layout(spec.resolution), tokenizer.codebook()
    prior = build_prior(spec.prior.type, spec.prior.config, layout, codebook, None, where).eval()
    return TimedSystem(
        spec.name, spec.prior.type, tokenizer, prior, spec.sampling, {"weights": "random"}
    )


def describe(system: TimedSystem) -> dict[str, Any]:
    """What of a system decides its speed, as plain values."""
    return {
        "name": system.name,
        "layout": str(system.prior.layout),
        "sampling": json.loads(system.sampling.model_dump_json()),
        "weights": dict(system.weights),
        "parameters": {
            part: sum(value.numel() for value in model.parameters())
            for part, model in (("tokenizer", system.tokenizer), ("prior", system.prior))
        },
    }
