"""An experiment: data, tokenizers, priors, the systems they make, training and measuring."""

from collections.abc import Mapping
from typing import Any

from pydantic import Field, model_validator

from .choice import Sampling
from .config import Config, merge, parse_config
from .controls import Quantity
from .data.config import DataConfig
from .errors import ConfigError, did_you_mean
from .metric_names import describe
from .model_preset import with_model_preset
from .plugins import find
from .recipes import TRAINED, with_recipe
from .training import PriorTraining, TokenizerTraining

PRESET = "a model preset by name, which gives way to the type and the config that it stands for"


class TokenizerSpec(Config):
    """One tokenizer: the plug-in's name, its config, and what differs from the common training."""

    type: str
    config: dict[str, Any] = Field(default_factory=dict)
    training: dict[str, Any] = Field(
        default_factory=dict, description="overrides training.tokenizer"
    )
    preset: None = Field(None, exclude=True, description=PRESET)

    @model_validator(mode="before")
    @classmethod
    def _unfold(cls, values: Any) -> Any:
        return with_model_preset("tokenizer", values)


class PriorSpec(Config):
    """One prior, likewise."""

    type: str
    config: dict[str, Any] = Field(default_factory=dict)
    training: dict[str, Any] = Field(default_factory=dict, description="overrides training.prior")
    sampling: Sampling = Sampling()
    preset: None = Field(None, exclude=True, description=PRESET)

    @model_validator(mode="before")
    @classmethod
    def _unfold(cls, values: Any) -> Any:
        return with_model_preset("prior", values)


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
    coded: int = Field(
        16,
        ge=0,
        description="held-out images whose codes are written as bytes and read back, for the "
        "coded rate",
    )
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


def build_experiment(values: Mapping[str, Any]) -> Experiment:
    """The experiment that plain values describe.

    Raises:
        ConfigError: an unknown, misspelt or impossible key, or a name that the experiment does not
            define; says which is legal.
    """
    experiment = parse_config(Experiment, values, "experiment")
    check_names(experiment)
    return experiment


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
