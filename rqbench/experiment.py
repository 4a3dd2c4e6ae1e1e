"""An experiment: data, tokenizers, priors, the systems they make, training and measuring."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import yaml
from pydantic import Field

from .choice import Sampling
from .config import Config, parse_config
from .data.config import DataConfig
from .errors import ConfigError, did_you_mean
from .metric_names import describe
from .plugins import find, installed
from .training import PriorTraining, TokenizerTraining


class TokenizerSpec(Config):
    """One tokenizer: the plug-in's name, its config, and what differs from the common training."""

    type: str
    config: dict[str, Any] = Field(default_factory=dict)
    training: dict[str, Any] = Field(
        default_factory=dict, description="overrides training.tokenizer"
    )


class PriorSpec(Config):
    """One prior, likewise."""

    type: str
    config: dict[str, Any] = Field(default_factory=dict)
    training: dict[str, Any] = Field(default_factory=dict, description="overrides training.prior")
    sampling: Sampling = Sampling()


class SystemSpec(Config):
    """A tokenizer with a prior, by the names they have in this experiment."""

    tokenizer: str
    prior: str

    @property
    def name(self) -> str:
        return f"{self.tokenizer} + {self.prior}"


class Headline(Config):
    """A question with its control: is `system` better than `against` in `metric`?

    With two names in `against` the control is the straight line between them, read at the system's
    own
    mean of the metric `at`.
    """

    title: str
    metric: str
    system: str
    against: str | tuple[str, str]
    at: str | None = None
    equal: str = Field("", description="what is held equal, in words; printed")


class TrainingSpec(Config):
    """The training that all tokenizers, and all priors, share."""

    tokenizer: TokenizerTraining = TokenizerTraining()
    prior: PriorTraining = PriorTraining()


class MeasureSpec(Config):
    """What is measured, on how much."""

    samples: int = Field(256, ge=2, description="images drawn from each system")
    sampling_batch: int = Field(
        64, ge=1, description="images drawn together, for samples and speed"
    )
    speed_repeats: int = Field(
        5, ge=1, description="timed batches a system, interleaved, after one warm-up"
    )
    pictures: int = Field(8, ge=1, description="images on a sheet")
    batch_size: int = Field(64, ge=1, description="images encoded and decoded together")
    zero_order_crops: int = Field(
        512,
        ge=1,
        description="training crops that the zero-order model of the empirical rate counts",
    )


class Experiment(Config):
    """Everything that `rqbench compare` carries out."""

    name: str = Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]*$")
    expect: str = Field("", description="what this experiment should give, in words")
    seed: int = Field(0, ge=0)
    data: DataConfig = DataConfig()
    training: TrainingSpec = TrainingSpec()
    tokenizers: dict[str, TokenizerSpec]
    priors: dict[str, PriorSpec] = Field(default_factory=dict)
    systems: tuple[SystemSpec, ...] = ()
    headlines: tuple[Headline, ...] = ()
    measure: MeasureSpec = MeasureSpec()

    def tokenizer_training(self, name: str) -> TokenizerTraining:
        """The common training with this tokenizer's own changes."""
        merged = self.training.tokenizer.model_dump() | self.tokenizers[name].training
        return parse_config(TokenizerTraining, merged, f"tokenizers.{name}.training")

    def prior_training(self, name: str) -> PriorTraining:
        merged = self.training.prior.model_dump() | self.priors[name].training
        return parse_config(PriorTraining, merged, f"priors.{name}.training")


def load_experiment(source: str, overrides: Sequence[str] = ()) -> Experiment:
    """Read a preset by name or a YAML file by path, apply `key.path=value` overrides, and check it.

    Raises:
        ConfigError: an unknown, misspelt or impossible key, or a name that the experiment does not
            define; says which is legal.
        UnknownPluginError: neither a preset nor a file.
    """
    values = _read(source)
    for override in overrides:
        _apply(values, override)
    experiment = parse_config(Experiment, values, "experiment")
    _check_names(experiment)
    return experiment


def _read(source: str) -> dict[str, Any]:
    path = Path(source)
    if path.suffix in {".yaml", ".yml"} or path.is_file():
        if not path.is_file():
            raise ConfigError(
                f"There is no experiment file {source}. Presets: {', '.join(installed('preset'))}."
            )
        try:
            text = path.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise ConfigError(f"{source} cannot be read as text: {error}") from None
    else:
        text = find("preset", source).load().read_text()
    try:
        values = yaml.load(text, _Loader)  # a SafeLoader
    except yaml.YAMLError as error:
        raise ConfigError(f"{source} is not YAML: {error}") from None
    if not isinstance(values, dict):
        raise ConfigError(
            f"{source} must hold a mapping of keys such as name, data and tokenizers."
        )
    # An alias (*coarse) is one object in several places; --set must change one of them alone
    unshared: dict[str, Any] = json.loads(json.dumps(values, default=str))
    return unshared


class _Loader(yaml.SafeLoader):
    """Refuses a key that stands twice, of which YAML would keep the second in silence."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        seen = set()
        for key, _ in node.value:
            if key.tag != "tag:yaml.org,2002:merge" and key.value in seen:
                raise yaml.YAMLError(f"the key {key.value!r} stands twice{key.start_mark}")
            seen.add(key.value)
        return super().construct_mapping(node, deep)


def _apply(values: dict[str, Any], override: str) -> None:
    """Set one dotted key in plain values; the value is read as YAML."""
    path, sign, text = override.partition("=")
    if not sign or not path:
        raise ConfigError(f"--set {override!r} has no '='. Write --set key.path=value.")
    *parents, last = path.split(".")
    here: Any = values
    for part in parents:
        here = _enter(here, part, path)
    try:
        value = yaml.safe_load(text)
    except yaml.YAMLError:
        raise ConfigError(f"--set {override!r}: {text!r} is not a YAML value.") from None
    if isinstance(here, list):
        here[_index(here, last, path)] = value
    elif isinstance(here, dict):
        here[last] = value
    else:
        raise ConfigError(
            f"--set {path}: {parents[-1]!r} holds a plain value, which has no {last!r}."
        )


def _enter(here: Any, part: str, path: str) -> Any:
    if isinstance(here, list):
        return here[_index(here, part, path)]
    if isinstance(here, dict):
        return here.setdefault(part, {})
    raise ConfigError(f"--set {path}: there is nothing below {part!r} to set.")


def _index(here: list[Any], part: str, path: str) -> int:
    if part.isdigit() and int(part) < len(here):
        return int(part)
    raise ConfigError(
        f"--set {path}: {part!r} is no place in a list of {len(here)}; they count from 0."
    )


def _check_names(experiment: Experiment) -> None:
    for kind, specs in (("tokenizer", experiment.tokenizers), ("prior", experiment.priors)):
        named: Mapping[str, TokenizerSpec | PriorSpec] = specs
        for name, spec in named.items():
            find(kind, spec.type)
            if "/" in name or " + " in name:
                raise ConfigError(f"{kind}s.{name}: a name may not hold '/' or ' + '.")
    for place, system in enumerate(experiment.systems):
        if system in experiment.systems[:place]:
            raise ConfigError(f"systems.{place}: {system.name!r} stands in the list before.")
        _known(f"systems.{place}.tokenizer", system.tokenizer, experiment.tokenizers)
        _known(f"systems.{place}.prior", system.prior, experiment.priors)
    for name in experiment.tokenizers:
        experiment.tokenizer_training(name)
    for name in experiment.priors:
        experiment.prior_training(name)
    names = [*experiment.tokenizers, *(system.name for system in experiment.systems)]
    for place, headline in enumerate(experiment.headlines):
        for metric in filter(None, (headline.metric, headline.at)):
            describe(metric)
        against = headline.against if isinstance(headline.against, tuple) else (headline.against,)
        for name in (headline.system, *against):
            _known(f"headlines.{place}", name, names)
        if (headline.at is None) == isinstance(headline.against, tuple):
            raise ConfigError(
                f"headlines.{place}: `at` goes with two names in `against`, and only with them."
            )


def _known(where: str, name: str, known: Any) -> None:
    if name not in known:
        raise ConfigError(
            f"{where}: {name!r} is not defined in this experiment.{did_you_mean(name, known)} "
            f"Defined: {', '.join(known)}."
        )
