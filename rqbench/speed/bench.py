"""Bench: what is timed and how, as a file or the command line says it."""

from collections.abc import Mapping, Sequence
from itertools import groupby
from pathlib import Path
from typing import Any, Literal

import yaml
from pydantic import Field, field_validator, model_validator

from ..choice import Sampling
from ..config import Config, parse_config
from ..drawing import SamplingMode
from ..errors import ConfigError, did_you_mean
from ..plugins import find

Dtype = Literal["float32", "bfloat16", "float16"]
DECODED_TOGETHER = 16
"""Images that go through a decoder at once, where nobody says how many."""

MIN_REPEATS = 5

TIMED_BY = {"batch", "repeats", "dtype", "tf32", "mode", "decode_batch"}
"""Keys of a setting that decide what is timed and how; the others, how long one looks."""


class ModelSpec(Config):
    """A tokenizer or prior with random weights."""

    type: str = Field(description="the plug-in")
    config: dict[str, Any] = Field(default_factory=dict)


class SystemSpec(Config):
    """One system: what is on disk or named by a preset, or random weights of two configs."""

    model: str | None = Field(
        None, description="the folder of a run or of an imported system, or the preset of a prior"
    )
    name: str | None = Field(None, description="of two configs, what tables call the system")
    tokenizer: ModelSpec | None = None
    prior: ModelSpec | None = None
    resolution: int = Field(256, ge=1, description="of two configs, side of the images in pixels")
    sampling: Sampling = Field(Sampling(), description="of two configs; others bring their own")

    @model_validator(mode="after")
    def _one_of_both(self) -> "SystemSpec":
        configs = (self.tokenizer, self.prior, self.name)
        if (self.model is None) == (None in configs) or (self.model and any(configs)):
            raise ValueError("name a `model`, or give `name`, `tokenizer` and `prior`")
        return self


class PublishedSpeed(Config):
    """A number that others measured, to stand beside ours.

    Attributes:
        seconds_per_image: None where the batch did not fit.
    """

    system: str
    batch: int = Field(ge=1)
    seconds_per_image: float | None = Field(None, gt=0)
    citation: str


class Setting(Config):
    """How all systems are timed, once."""

    name: str = Field("", description="what tables call it")
    batch: tuple[int, ...] = Field((1, 16, 100), min_length=1)
    repeats: int = Field(6, ge=MIN_REPEATS)
    dtype: Dtype = "float32"
    tf32: bool = Field(
        False, description="on CUDA, whether products in float32 may round their factors to 10 bits"
    )
    mode: SamplingMode = Field("auto", description="of `Prior.sample`, where it has modes")
    decode_batch: int | None = Field(
        None, ge=1, description="None: one by one in mode reference, else 16"
    )
    minutes: float | None = Field(
        None,
        gt=0,
        description="after so many no further batch size is begun; of the bench, or of a setting",
    )
    largest: bool = Field(
        False, description="whether to search for the largest batch that fits, on CUDA"
    )

    @field_validator("batch")
    @classmethod
    def _batches_rise(cls, batch: tuple[int, ...]) -> tuple[int, ...]:
        if min(batch) < 1 or list(batch) != sorted(set(batch)):
            raise ValueError("batch sizes start at 1 and rise")
        return batch

    @property
    def decoded_together(self) -> int:
        return self.decode_batch or (1 if self.mode == "reference" else DECODED_TOGETHER)


class Bench(Setting):
    """Systems that are timed in turn, in one setting or in several."""

    systems: tuple[SystemSpec, ...] = Field(min_length=1)
    settings: dict[str, dict[str, Any]] = Field(
        default_factory=dict,
        description="by name, in what each differs from the values above; none: one setting",
    )
    only: tuple[str, ...] = Field((), description="names of the systems to time; none: all")
    baseline: str | None = Field(
        None, description="the system that speed-ups are over, which then stands first"
    )
    published: tuple[PublishedSpeed, ...] = ()
    expect: str = Field("", description="what should come out, and where")

    def chosen(self, names: Sequence[str]) -> list[str]:
        """Of these systems those to be timed, the baseline first.

        Raises:
            ConfigError: one that is asked for is not there.
        """
        wanted = [name for name in names if name in self.only or not self.only]
        for asked, among in [(one, names) for one in self.only] + [(self.baseline, wanted)]:
            if asked is not None and asked not in among:
                raise ConfigError(
                    f"No system called {asked!r} is to be timed.{did_you_mean(asked, among)} "
                    f"Systems: {', '.join(among)}."
                )
        return sorted(wanted, key=lambda name: name != self.baseline)

    @property
    def published_beside(self) -> list[PublishedSpeed]:
        """What was published of the systems that are timed, or of any where all are."""
        kept = [one for one in self.published if one.system in self.only or not self.only]
        return sorted(kept, key=lambda one: one.system != self.baseline)

    @property
    def passes(self) -> tuple[Setting, ...]:
        """All settings in full."""
        return tuple(Setting.model_validate(values) for values in self.pass_values)

    @property
    def pass_values(self) -> list[dict[str, Any]]:
        """The plain values of each setting."""
        shared = self.model_dump(include=set(Setting.model_fields) - {"minutes"})
        told = [shared | more | {"name": name} for name, more in self.settings.items()]
        return told or [shared]


def load_bench(name: str) -> dict[str, Any]:
    """The plain values of a speed preset, or of a YAML file.

    Raises:
        UnknownPluginError: neither.
        ConfigError: no YAML mapping.
    """
    path = Path(name)
    is_file = path.suffix in {".yaml", ".yml"} and path.is_file()
    text = (path if is_file else find("speed preset", name).load()).read_text(encoding="utf-8")
    try:
        values = yaml.safe_load(text)
    except yaml.YAMLError as error:
        raise ConfigError(f"{name} is not YAML: {error}") from None
    if not isinstance(values, dict):
        raise ConfigError(f"{name} must hold a mapping of keys such as systems and batch.")
    return values


def build_bench(values: dict[str, Any], where: str) -> Bench:
    """
    Raises:
        ConfigError: names each fault.
    """
    bench = parse_config(Bench, values, where)
    for plain in bench.pass_values:
        parse_config(Setting, plain, f"{where}.settings.{plain['name']}")
    dtypes = [dtype for dtype, _ in groupby(setting.dtype for setting in bench.passes)]
    if len(dtypes) > 2 or (len(dtypes) == 2 and dtypes[0] != "float32"):
        raise ConfigError(
            f"{where}: weights are cast from setting to setting, and {' to '.join(dtypes)} would "
            "time weights that were rounded before. Put settings in float32 first, and use one "
            "other dtype."
        )
    return bench


def override(values: Mapping[str, Any], asked: Mapping[str, Any]) -> dict[str, Any]:
    """The plain values of a bench, with what was asked for in place of them in every setting.

    A setting that is timed otherwise than the bench says is no longer called by its name alone:
    "paper" becomes "paper (mode eager)".
    """
    changed = {**values, **asked}
    if isinstance(settings := values.get("settings"), dict):
        changed["settings"] = {}
        for name, own in settings.items():
            if isinstance(own, dict):  # `build_bench` refuses what is not
                name = renamed(name, {**values, **own}, asked)
                own = {key: one for key, one in own.items() if key not in asked}
            changed["settings"][name] = own
    return changed


def renamed(name: str, own: Mapping[str, Any], asked: Mapping[str, Any]) -> str:
    """A setting's name, with what was asked for and differs from its own values."""
    told = []
    for key in asked.keys() & TIMED_BY:
        before = own.get(key, Setting.model_fields[key].default)
        if _plain(asked[key]) != _plain(before):
            told.append(f"{key.replace('_', ' ')} {_plain(asked[key])}")
    return f"{name} ({', '.join(sorted(told))})" if told else name


def _plain(value: Any) -> str:
    """As the command line says it."""
    if isinstance(value, bool):
        return "on" if value else "off"
    return ",".join(map(str, value)) if isinstance(value, list | tuple) else str(value)


def take_setting(values: Mapping[str, Any], name: str) -> dict[str, Any]:
    """The plain values of a bench with this one of its settings.

    Raises:
        ConfigError: it has none of that name.
    """
    settings = values.get("settings")
    known = list(settings) if isinstance(settings, dict) else []
    if not isinstance(settings, dict) or name not in settings:
        raise ConfigError(
            f"The bench has no setting {name!r}.{did_you_mean(name, known)} It has: "
            f"{', '.join(known) or 'one without a name'}."
        )
    return {**values, "settings": {name: settings[name]}}
