"""An experiment: data, tokenizers, priors, the systems they make, training and measuring."""

import json
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import yaml
from pydantic import Field, model_validator

from .choice import Sampling
from .config import Config, merge, parse_config
from .controls import Quantity
from .data.config import DataConfig
from .errors import ConfigError, did_you_mean
from .metric_names import describe
from .overrides import apply_override, parse_sweep
from .plugins import find, installed
from .question import PARTS, with_questions
from .recipes import TRAINED, with_recipe
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
    equal: tuple[Quantity, ...] = Field(
        (), description="what must be equal within 2%; a verdict needs it to be"
    )
    note: str = Field("", description="what else is held equal, in words; printed")
    question: str = Field("", description="the plug-in that asks it")


class TrainingSpec(Config):
    """The training that all tokenizers, and all priors, share."""

    tokenizer: TokenizerTraining = TokenizerTraining()
    prior: PriorTraining = PriorTraining()

    @model_validator(mode="before")
    @classmethod
    def _cook(cls, values: Any) -> Any:
        """Recipes give way to the settings they stand for."""
        if not isinstance(values, Mapping):
            return values
        cooked = dict(values)
        for trained in TRAINED:
            if isinstance(settings := values.get(trained), Mapping):
                cooked[trained] = with_recipe(trained, settings, f"training.{trained}")
        return cooked


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
    seeds: int = Field(
        1, ge=1, description="trainings of every part: with `seed`, `seed` + 1, ...; same images"
    )
    sweep: dict[str, list[Any]] = Field(
        default_factory=dict,
        description="values by dotted key; `tokenizer.KEY` is that key of all configs that have it",
    )
    data: DataConfig = DataConfig()
    training: TrainingSpec = TrainingSpec()
    tokenizers: dict[str, TokenizerSpec]
    priors: dict[str, PriorSpec] = Field(default_factory=dict)
    systems: tuple[SystemSpec, ...] = ()
    headlines: tuple[Headline, ...] = ()
    measure: MeasureSpec = MeasureSpec()

    def tokenizer_training(self, name: str) -> TokenizerTraining:
        """The common training with this tokenizer's own changes."""
        where = f"tokenizers.{name}.training"
        own = with_recipe("tokenizer", self.tokenizers[name].training, where)
        merged = merge(self.training.tokenizer.model_dump(), own)
        return parse_config(TokenizerTraining, merged, where)

    def prior_training(self, name: str) -> PriorTraining:
        where = f"priors.{name}.training"
        own = with_recipe("prior", self.priors[name].training, where)
        merged = merge(self.training.prior.model_dump(), own)
        return parse_config(PriorTraining, merged, where)


def load_experiment(
    source: str,
    overrides: Sequence[str] = (),
    sweeps: Sequence[str] = (),
    questions: Sequence[str] = (),
) -> Experiment:
    """Read a preset by name or a YAML file by path, change it, and check it.

    Takes and raises what `experiment_values` and `build_experiment` do.
    """
    return build_experiment(experiment_values(source, overrides, sweeps, questions))


def experiment_values(
    source: str,
    overrides: Sequence[str] = (),
    sweeps: Sequence[str] = (),
    questions: Sequence[str] = (),
) -> dict[str, Any]:
    """A preset or YAML file as plain values, changed, and with what its questions build.

    Args:
        overrides: `key.path=value`, each value read as YAML.
        sweeps: `key.path=value,value,...`, beside those that the file holds.
        questions: to be asked in place of what the file asks and builds, with its `scale`.

    Raises:
        ConfigError: no YAML, a change that leads nowhere, or a question that cannot be built.
        UnknownPluginError: neither a preset nor a file.
    """
    values = _read(source)
    late = [change for change in overrides if re.split(r"[.=]", change)[0] in PARTS]
    for override in overrides:
        if override not in late:
            apply_override(values, override)
    values = with_questions(values, questions)
    for override in late:  # they change what the questions have built
        apply_override(values, override)
    for sweep in sweeps:
        key, swept = parse_sweep(sweep)
        values["sweep"] = {**(values.get("sweep") or {}), key: swept}
    return values


def build_experiment(values: Mapping[str, Any]) -> Experiment:
    """The experiment that plain values describe.

    Raises:
        ConfigError: an unknown, misspelt or impossible key, or a name that the experiment does not
            define; says which is legal.
    """
    experiment = parse_config(Experiment, values, "experiment")
    check_names(experiment)
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


def check_names(experiment: Experiment) -> None:
    """Raises ConfigError where the experiment names what it does not define, or badly."""
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
